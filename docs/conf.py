"""The site that `make docs` builds, for reading without a network."""

from sphinx.application import Sphinx
from sphinx.util import inspect
from traitlets import HasTraits

from dfwidgets import __version__

project = "dfwidgets"
copyright = "the dfwidgets founders, MIT licence"
version = release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# Pages lie where the repository has them, so that their links hold there and here.
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "notebooks/[0-9]*.ipynb",
    "models/README.md",
    "models/detector/MODEL_CARD.md",
    "images/README.md",
]
html_additional_pages = {"index": "to_the_start.html"}
templates_path = ["templates"]

nb_execution_mode = "off"  # the lessons are there to be run by those who read them
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_rtype = False

html_theme = "alabaster"
html_theme_options = {
    "description": "Is a picture of a face real or a deepfake?",
    "fixed_sidebar": True,
    "page_width": "1100px",
}
html_show_sourcelink = False
html_copy_source = False


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", as_written)


def as_written(app, what, name, thing, options, signature, returns):
    """The parameters of a class with traits; traitlets hides them behind `*args, **kwargs`."""
    if what != "class" or not issubclass(thing, HasTraits):
        return None
    written = inspect.signature(thing.__init__, bound_method=True)
    return inspect.stringify_signature(written, unqualified_typehints=True), None
