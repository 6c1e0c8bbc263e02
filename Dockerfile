# The pipeline: `ytempire` with the environment of uv.lock. It expects a PostgreSQL elsewhere
# (PGHOST and its companions) and keeps its own few files in /var/lib/ytempire.
FROM python:3.11-slim-bookworm AS build

# The version that runner/setup.sh installs as well.
ARG UV_VERSION=0.13.8
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never

RUN pip install --no-cache-dir --disable-pip-version-check "uv==${UV_VERSION}"

WORKDIR /app

# The dependencies alone first: this layer is kept until the lock changes.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-dev --no-install-project

COPY . .
RUN uv sync --locked --no-dev


FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/ytempire ytempire

# Owned by root: the pipeline cannot change its own code.
COPY --from=build /app /app

ENV PATH="/app/.venv/bin:${PATH}" \
    PYTHONUNBUFFERED=1 \
    YTEMPIRE_HOME=/var/lib/ytempire \
    YTEMPIRE_ENV_FILE=/var/lib/ytempire/.env \
    DBT_TARGET_PATH=/var/lib/ytempire/target \
    DBT_LOG_PATH=/var/lib/ytempire/logs \
    MPLCONFIGDIR=/tmp/matplotlib

WORKDIR /app
USER ytempire

ENTRYPOINT ["ytempire"]
CMD ["run"]
