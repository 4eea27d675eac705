# One image for web, worker and beat: the command tells them apart.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
 # The servers in these packages are for one machine without containers.
 && rm -f /venv/bin/weed /venv/bin/redis-server /venv/bin/redis-cli

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    VAR_DIR=/app/var
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin mesh
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY meshgallery meshgallery
COPY generations generations
COPY templates templates
COPY static static
# The key serves this one step and signs nothing. The spool keeps paid answers: mount a volume there.
RUN SECRET_KEY=building-the-image-signs-nothing-at-all-with-this-key \
    python manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q meshgallery generations \
 && mkdir -p /app/var/spool /app/var/run /app/var/mail \
 && chown -R mesh:mesh /app/var \
 && chmod 700 /app/var
USER mesh
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "generations.management.local.alive", "web"]
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "web"]
