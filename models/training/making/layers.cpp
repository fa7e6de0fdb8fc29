// Two parts of a training step in which PyTorch spends most of its time on a CPU: the gradient of a depthwise
// convolution's kernel, and the normalisation with what is cut off behind it. bfloat16, channels last.

#include <torch/extension.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace {

// A bfloat16 is the upper half of a float.
inline float widened(uint16_t half) {
  uint32_t bits = static_cast<uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// One picture, CHANNELS channels from `x` and `grad` on: the sums of a row of the kernel stay in registers.
template <int KERNEL, int CHANNELS>
void add_channels(const uint16_t* x, const uint16_t* grad, float* out, int height, int width,
                  int channels, int rows, int columns, int stride, int before) {
  for (int kr = 0; kr < KERNEL; kr++) {
    float sums[KERNEL][CHANNELS] = {};
    for (int row = 0; row < rows; row++) {
      int at = row * stride + kr - before;
      if (at < 0 || at >= height) continue;
      const uint16_t* x_row = x + static_cast<size_t>(at) * width * channels;
      const uint16_t* grad_row = grad + static_cast<size_t>(row) * columns * channels;

      for (int column = 0; column < columns; column++) {
        float here[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) here[c] = widened(grad_row[column * channels + c]);

        int first = column * stride - before;
        bool inside = first >= 0 && first + KERNEL <= width;
#pragma GCC unroll 5
        for (int kc = 0; kc < KERNEL; kc++) {
          if (!inside && (first + kc < 0 || first + kc >= width)) continue;
          const uint16_t* cell = x_row + (first + kc) * channels;
          for (int c = 0; c < CHANNELS; c++) sums[kc][c] += here[c] * widened(cell[c]);
        }
      }
    }
    for (int kc = 0; kc < KERNEL; kc++)
      for (int c = 0; c < CHANNELS; c++) out[(kr * KERNEL + kc) * channels + c] += sums[kc][c];
  }
}

template <int KERNEL>
void add_all(const torch::Tensor& x, const torch::Tensor& grad, torch::Tensor& out, int stride, int before) {
  const int channels = x.size(1), height = x.size(2), width = x.size(3);
  const int rows = grad.size(2), columns = grad.size(3);
  float* sums = out.data_ptr<float>();

  for (int64_t picture = 0; picture < x.size(0); picture++) {
    auto* from = static_cast<const uint16_t*>(x.data_ptr()) + picture * height * width * channels;
    auto* with = static_cast<const uint16_t*>(grad.data_ptr()) + picture * rows * columns * channels;
    int c = 0;
    for (; c + 32 <= channels; c += 32)
      add_channels<KERNEL, 32>(from + c, with + c, sums + c, height, width, channels, rows, columns, stride, before);
    for (; c + 16 <= channels; c += 16)
      add_channels<KERNEL, 16>(from + c, with + c, sums + c, height, width, channels, rows, columns, stride, before);
  }
}

inline uint16_t narrowed(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// Sums over so many cells are first taken in float; all together in double, or digits get lost.
constexpr int64_t CELLS = 512;

// For each channel two sums over all cells: `add(cell, s, q)` adds what one cell gives to rows of `channels` numbers.
template <typename Add>
std::pair<std::vector<double>, std::vector<double>> sums(int64_t channels, int64_t cells, Add add) {
  std::vector<double> first(channels, 0), second(channels, 0);
  std::vector<float> s(channels), q(channels);
  for (int64_t start = 0; start < cells; start += CELLS) {
    std::fill(s.begin(), s.end(), 0.f);
    std::fill(q.begin(), q.end(), 0.f);
    for (int64_t cell = start; cell < std::min(start + CELLS, cells); cell++) add(cell, s.data(), q.data());
    for (int64_t c = 0; c < channels; c++) {
      first[c] += s[c];
      second[c] += q[c];
    }
  }
  return {first, second};
}

void check(const torch::Tensor& x) {
  TORCH_CHECK(x.is_contiguous(torch::MemoryFormat::ChannelsLast), "has to be channels last");
  TORCH_CHECK(x.scalar_type() == torch::kBFloat16, "has to be bfloat16");
}

}  // namespace

// Normalises x (N, C, H, W) by the batch's own mean and variance, scales and shifts it, and cuts it off below 0 and
// above 6 where `act`. Returns the result, and mean, variance (biased) and 1 / sqrt(variance + epsilon), float (C).
std::vector<torch::Tensor> normalise(torch::Tensor x, torch::Tensor gamma, torch::Tensor beta, double epsilon,
                                     bool act) {
  check(x);
  const int64_t channels = x.size(1), cells = x.numel() / channels;
  auto* from = static_cast<const uint16_t*>(x.data_ptr());
  auto [sum, squares] = sums(channels, cells, [=](int64_t cell, float* s, float* q) {
    const uint16_t* row = from + cell * channels;
    for (int64_t c = 0; c < channels; c++) {
      float value = widened(row[c]);
      s[c] += value;
      q[c] += value * value;
    }
  });

  auto mean = torch::empty({channels}), variance = torch::empty({channels}), inverse = torch::empty({channels});
  std::vector<float> scale(channels), shift(channels);
  const float *g = gamma.data_ptr<float>(), *b = beta.data_ptr<float>();
  for (int64_t c = 0; c < channels; c++) {
    double m = sum[c] / cells, v = std::max(squares[c] / cells - m * m, 0.0);
    double i = 1 / std::sqrt(v + epsilon);
    mean.data_ptr<float>()[c] = m;
    variance.data_ptr<float>()[c] = v;
    inverse.data_ptr<float>()[c] = i;
    scale[c] = g[c] * i;
    shift[c] = b[c] - m * g[c] * i;
  }

  auto y = torch::empty_like(x);
  auto* to = static_cast<uint16_t*>(y.data_ptr());
  const float low = act ? 0.f : -INFINITY, high = act ? 6.f : INFINITY;
  const float *w = scale.data(), *o = shift.data();
  for (int64_t cell = 0; cell < cells; cell++) {
    const uint16_t* row = from + cell * channels;
    uint16_t* out = to + cell * channels;
    for (int64_t c = 0; c < channels; c++) {
      float value = widened(row[c]) * w[c] + o[c];
      value = value < low ? low : value;
      out[c] = narrowed(value > high ? high : value);
    }
  }
  return {y, mean, variance, inverse};
}

// The gradients of x, gamma and beta of `normalise`, from that of its result.
std::vector<torch::Tensor> normalise_back(torch::Tensor grad, torch::Tensor x, torch::Tensor gamma, torch::Tensor beta,
                                          torch::Tensor mean, torch::Tensor inverse, bool act) {
  check(x);
  check(grad);
  const int64_t channels = x.size(1), cells = x.numel() / channels;
  auto* from = static_cast<const uint16_t*>(x.data_ptr());
  auto* with = static_cast<const uint16_t*>(grad.data_ptr());
  const float *m = mean.data_ptr<float>(), *i = inverse.data_ptr<float>();
  const float *g = gamma.data_ptr<float>(), *b = beta.data_ptr<float>();
  const float low = act ? 0.f : -INFINITY, high = act ? 6.f : INFINITY;

  // Where the result was cut off, nothing comes back.
  auto [sum, product] = sums(channels, cells, [=](int64_t cell, float* s, float* q) {
    const uint16_t *row = from + cell * channels, *back = with + cell * channels;
    for (int64_t c = 0; c < channels; c++) {
      float normal = (widened(row[c]) - m[c]) * i[c];
      float value = normal * g[c] + b[c];
      float one = (value > low && value < high) ? widened(back[c]) : 0.f;
      s[c] += one;
      q[c] += one * normal;
    }
  });

  auto of_gamma = torch::empty({channels}), of_beta = torch::empty({channels});
  std::vector<float> average(channels), along(channels), scale(channels);
  for (int64_t c = 0; c < channels; c++) {
    of_beta.data_ptr<float>()[c] = sum[c];
    of_gamma.data_ptr<float>()[c] = product[c];
    average[c] = sum[c] / cells;
    along[c] = product[c] / cells;
    scale[c] = g[c] * i[c];
  }

  auto of_x = torch::empty_like(x);
  auto* to = static_cast<uint16_t*>(of_x.data_ptr());
  const float *a = average.data(), *l = along.data(), *w = scale.data();
  for (int64_t cell = 0; cell < cells; cell++) {
    const uint16_t *row = from + cell * channels, *back = with + cell * channels;
    uint16_t* out = to + cell * channels;
    for (int64_t c = 0; c < channels; c++) {
      float normal = (widened(row[c]) - m[c]) * i[c];
      float value = normal * g[c] + b[c];
      float one = (value > low && value < high) ? widened(back[c]) : 0.f;
      out[c] = narrowed((one - a[c] - normal * l[c]) * w[c]);
    }
  }
  return {of_x, of_gamma, of_beta};
}

// x (N, C, H, W) and grad (N, C, H', W'), bfloat16, channels last, C a multiple of 16. Returns float (K * K, C).
torch::Tensor kernel_gradient(torch::Tensor x, torch::Tensor grad, int64_t kernel, int64_t stride, int64_t before) {
  check(x);
  check(grad);
  TORCH_CHECK(x.size(1) % 16 == 0 && (kernel == 3 || kernel == 5), "16 channels at a time, kernels of 3 or 5");

  auto out = torch::zeros({kernel * kernel, x.size(1)}, torch::kFloat32);
  if (kernel == 3)
    add_all<3>(x, grad, out, stride, before);
  else
    add_all<5>(x, grad, out, stride, before);
  return out;
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) {
  module.def("kernel_gradient", &kernel_gradient);
  module.def("normalise", &normalise);
  module.def("normalise_back", &normalise_back);
}
