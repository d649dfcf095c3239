"""What the user's pip is configured with, given to uv, which reads none of it by itself."""

import ast
import subprocess


def pip_settings(python):
    """The settings of the pip of ``python``, files and environment, by their long names; those of a file's [install]
    section win over [global], those of the environment over both. Empty where there is no pip."""
    command = [python, "-I", "-m", "pip", "config", "list", "--disable-pip-version-check"]
    try:
        listed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
    except OSError:
        return {}
    found = {}
    for line in listed.stdout.splitlines():
        key, equals, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if equals and section in SECTIONS:
            try:
                found[SECTIONS.index(section), name] = str(ast.literal_eval(value))
            except (ValueError, SyntaxError):
                continue
    return {name: value for (_, name), value in sorted(found.items())}


SECTIONS = ("global", "install", ":env:")


def for_uv(settings, environment):
    """uv's options and environment for pip's ``settings``. What the user says to uv itself, by ``UV_...``, wins.

    Where addresses may hold passwords they go into the environment, which others can't list. pip takes the best version
    of all its indexes; uv does so only by an option.
    """
    options = []
    settings = {name[len("default-") :] if name == "default-timeout" else name: v for name, v in settings.items()}
    said = dict(environment)

    def say(name, value):
        if value:
            said.setdefault(name, value)

    say("UV_DEFAULT_INDEX", settings.get("index-url", "").strip())
    extra = settings.get("extra-index-url", "").split()
    say("UV_EXTRA_INDEX_URL", " ".join(extra))
    if extra:
        say("UV_INDEX_STRATEGY", "unsafe-best-match")
    for place in settings.get("find-links", "").split():
        options += ["--find-links", place]
    for name in ("no-binary", "only-binary"):
        for package in settings.get(name, "").replace(",", " ").split():
            options += ["--" + name, package]
    if is_true(settings.get("no-index", "")):
        options.append("--no-index")
    if is_true(settings.get("no-cache-dir", "")) or settings.get("cache-dir", "").lower() == "false":
        say("UV_NO_CACHE", "1")
    hosts = settings.get("trusted-host", "").split()
    say("UV_INSECURE_HOST", " ".join(hosts))
    if "cert" in settings:
        said["SSL_CERT_FILE"] = settings["cert"]
    else:
        say("SSL_CERT_FILE", said.get("REQUESTS_CA_BUNDLE") or said.get("CURL_CA_BUNDLE"))
    say("SSL_CLIENT_CERT", settings.get("client-cert"))
    say("UV_HTTP_TIMEOUT", settings.get("timeout"))
    say("UV_HTTP_RETRIES", settings.get("retries"))
    if "proxy" in settings:
        proxy = settings["proxy"] if "://" in settings["proxy"] else "http://" + settings["proxy"]
        said.update({"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "http_proxy": proxy, "https_proxy": proxy})
    return options, said


def constraints(settings):
    """The options for pip's constraint files. uv refuses them where hashes are required, unless they pin."""
    return [part for path in settings.get("constraint", "").split() for part in ("--constraint", path)]


def is_true(value):
    """Whether pip takes ``value`` for yes."""
    return value.strip().lower() in ("1", "true", "yes", "on", "y", "t")
