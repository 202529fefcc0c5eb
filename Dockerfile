# The worker: `docker build -t astra-worker .`, then `docker run --env-file worker.env -p 127.0.0.1:54327:54327 astra-worker`.
# docs/worker.md lists its environment variables. Everything else of Astra runs inside Supabase.
FROM node:24-slim

WORKDIR /app
ENV NODE_ENV=production WORKER_HOST=0.0.0.0 WORKER_PORT=54327

# Reads video and audio; without it they are refused.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*

COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY contracts ./contracts
COPY payments ./payments
COPY worker ./worker

USER node
EXPOSE 54327
# 503 means that Postgres or MongoDB is away: the worker waits for both and needs no restart, but somebody should look.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node runs as process 1 and handles SIGTERM itself: it finishes the batch in hand (at most 8 seconds) and exits.
CMD ["node", "worker/main.ts"]
