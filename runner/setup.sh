#!/bin/sh
# Install the locked environment into .venv. Needs Python 3.11 or newer, nothing else. Whatever
# was interrupted is done again by running it again.
set -eu
cd "$(dirname "$0")/.."

uv_version=0.13.8
tools=.ytempire/tools

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 is needed and was not found; set PYTHON to its path." >&2
    return 3
}

install_uv() {
    rm -rf "$tools/uv" "$tools/uv.partial"
    mkdir -p "$tools"
    # Without a virtual environment of its own (Debian ships venv apart), pip's --target will do.
    if "$python" -m venv "$tools/uv.partial" 2>/dev/null; then
        "$tools/uv.partial/bin/python" -m pip install --quiet --disable-pip-version-check \
            "uv==$uv_version"
    else
        rm -rf "$tools/uv.partial"
        "$python" -m pip install --quiet --disable-pip-version-check \
            --target "$tools/uv.partial" "uv==$uv_version"
    fi
    mv "$tools/uv.partial" "$tools/uv"
}

python=$(find_python)
uv="$tools/uv/bin/uv"
if [ "$("$uv" --version 2>/dev/null | cut -d ' ' -f 2)" != "$uv_version" ]; then
    echo "Installing uv $uv_version ..."
    install_uv
fi

# A home that cannot be written (a service account's) must not stop the installation.
if [ -z "${UV_CACHE_DIR:-}" ] && ! mkdir -p "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/uv" \
    2>/dev/null; then
    UV_CACHE_DIR=$PWD/.ytempire/cache/uv
    export UV_CACHE_DIR
fi
# Where the system keeps certificates, they are trusted too: a company's proxy may need them.
for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    if [ -e "$bundle" ]; then
        UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-true}
        export UV_SYSTEM_CERTS
    fi
done
# A half-made environment has no interpreter; uv refuses to touch such a folder.
if [ -e .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
fi
echo "Installing the locked environment ..."
UV_PYTHON_DOWNLOADS=never "$uv" sync --frozen --quiet \
    --compile-bytecode --python "$python"
