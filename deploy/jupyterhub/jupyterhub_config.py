"""JupyterHub as a front door: each visitor gets a dashboard of their own, and nothing else.

Where it differs from this on a machine of yours or on Kubernetes, see README.md beside it.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent

PEOPLE = int(os.environ.get("DFWIDGETS_PEOPLE", "30"))
"""Visitors at once; whoever comes next reads that all places are taken."""
MINUTES = float(os.environ.get("DFWIDGETS_MINUTES", "15"))
"""After so long without a word from a visitor's page its place is free again."""

c = get_config()  # noqa: F821, JupyterHub brings it

# There is no password: whoever comes is somebody new, under a name made for this one visit.
c.JupyterHub.authenticator_class = "tmp"
c.Authenticator.allow_all = True

# The dashboard takes the place of a notebook server: no lab, no files, no terminal, no code. Only
# the visitor to whom it belongs gets through to it.
c.Spawner.cmd = [str(BIN / "jupyter-standaloneproxy")]
c.Spawner.args = ["--absolute-url", "--timeout=60", "--activity-interval=0", "--"]
c.Spawner.args += [sys.executable, "-m", "dfwidgets.cli", "dashboard", "--no-browser"]
c.Spawner.args += ["--port={port}", "--base-url={base_url}"]
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.Spawner.env_keep.extend(
    ["JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "DFWIDGETS_MODELS", "DFWIDGETS_SAMPLES"]
)

# All of them run as whoever starts the hub. That is enough where people can't run code of theirs;
# to hold each to its share of memory, take SystemdSpawner or Kubernetes.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(
    os.environ.get("DFWIDGETS_HOMES", "/tmp/dfwidgets-homes"), "{username}"
)

# How many at once, and how many of them may be starting.
c.JupyterHub.active_server_limit = PEOPLE
c.JupyterHub.concurrent_spawn_limit = max(2, os.cpu_count() or 1)
c.JupyterHub.redirect_to_server = True
c.JupyterHub.implicit_spawn_seconds = 1  # for whoever comes back to a place that was freed
c.JupyterHub.template_paths = [str(HERE / "templates")]

# A page that was left frees its place. The proxy notes when anything last went through it.
c.JupyterHub.last_activity_interval = 30
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [
            sys.executable,
            "-m",
            "jupyterhub_idle_culler",
            f"--timeout={round(MINUTES * 60)}",
            f"--cull-every={max(5, round(MINUTES * 6))}",
            "--cull-users=True",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": [
            "list:users",
            "read:users:activity",
            "read:servers",
            "delete:servers",
            "admin:users",
        ],
    }
]

# Nothing is kept: a restart begins anew.
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cleanup_servers = True
c.JupyterHub.cookie_secret = os.urandom(32)
c.ConfigurableHTTPProxy.command = [
    os.environ.get("CONFIGURABLE_HTTP_PROXY", "configurable-http-proxy")
]
