FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
RUN useradd --create-home --uid 10001 refdesk
WORKDIR /app
COPY requirements.txt requirements-celery.txt ./
# For WORKER_BACKEND=celery: docker build --build-arg REQUIREMENTS=requirements-celery.txt
ARG REQUIREMENTS=requirements.txt
RUN pip install -r requirements.txt -r "$REQUIREMENTS"
COPY --chown=refdesk . .
RUN SECRET_KEY=build DEBUG=0 python manage.py collectstatic --noinput && chown -R refdesk /app \
 && install -d -o refdesk /var/lib/refdesk
USER refdesk
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD python -c "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'X-Forwarded-Proto': 'https'}), timeout=4)"
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--timeout", "60"]
