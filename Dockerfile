# A container that serves the dashboard:  docker build -t dfwidgets . && docker run --rm -p 8866:8866 dfwidgets
FROM python:3.12-slim
COPY . /src
# The versions of the lock, but only those packages that the page needs: no TensorFlow.
RUN sed '/--hash/d; s/ \\$//' /src/requirements.lock > /tmp/versions.txt \
    && pip install --no-cache-dir --constraint /tmp/versions.txt "/src[apps]" \
    && rm -r /src /tmp/versions.txt
RUN useradd --create-home visitor
USER visitor
EXPOSE 8866
CMD ["dfwidgets", "dashboard", "--host=0.0.0.0", "--no-browser"]
