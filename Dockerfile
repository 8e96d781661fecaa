# The bot with its extra for PostgreSQL. `docker build -t workflow-bot .`; how to run it: docs/deploying.md.
# Built with the versions and hashes that uv.lock names, on the Python that the tests run on.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ARG UV=0.13.9
# More of pyproject.toml's extras, with a space between: --build-arg EXTRAS="postgres chart"
ARG EXTRAS="postgres"
ENV UV_PROJECT_ENVIRONMENT=/opt/workflow-bot \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
RUN python -m pip install --no-cache-dir --disable-pip-version-check "uv==${UV}"
WORKDIR /src
# What changes seldom comes first: as long as uv.lock is the same, this layer is.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-default-groups --no-install-project ${EXTRAS:+$(printf ' --extra %s' ${EXTRAS})}
COPY README.md LICENSE ./
COPY bot bot
RUN uv sync --frozen --no-cache --no-default-groups --no-editable ${EXTRAS:+$(printf ' --extra %s' ${EXTRAS})}

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Workflow Bot" \
      org.opencontainers.image.licenses="MIT"
# A number of its own, so that a Kubernetes `runAsNonRoot` can see that it is not root. /data is for SQLite alone.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin workflow-bot \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/workflow-bot /opt/workflow-bot
ENV PATH=/opt/workflow-bot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
EXPOSE 3000
# Without a proxy that the environment may name: this is a question to itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import http.client, os; asked = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=4); asked.request('GET', '/healthz'); raise SystemExit(asked.getresponse().status != 200)"]
ENTRYPOINT ["workflow-bot"]
CMD ["run"]
