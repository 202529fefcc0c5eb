import { Hono } from 'hono';
import { html } from 'hono/html';
import { buildOpenApi, type OpenApiDocument, type Operation } from '../../contracts/openapi.ts';

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** The `docs` function: the OpenAPI document, and the same as a page for people. It needs no database and no user. */
export function createApp(): Hono {
  const app = new Hono().basePath('/docs');
  const document = buildOpenApi();
  app.get('/openapi.json', (c) => c.json(document, 200, { 'Access-Control-Allow-Origin': '*' }));
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/', (c) => {
    c.header('Content-Security-Policy', PAGE_POLICY);
    return c.html(page(document));
  });
  return app;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{overflow:auto;background:#f4f4f5;padding:1rem}
summary{cursor:pointer;padding:.4rem 0}summary b{display:inline-block;width:4.5rem}details{border-top:1px solid #ddd}
@media(prefers-color-scheme:dark){body{color:#eee;background:#18181b}pre{background:#27272a}details{border-color:#3f3f46}}`;

function page(document: OpenApiDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const domains = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${document.info.title} API</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${document.info.title} API</h1>
        <p>${document.info.description} For programs: <a href="docs/openapi.json">openapi.json</a>.</p>
        ${Array.from(domains, ([domain, list]) => html`<h2>${domain}</h2>${list.map(operationOf)}`)}
      </body>
    </html>`;
}

function operationOf({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const { summary, tags: _, operationId: __, 'x-errors': ___, ...details } = operation;
  return html`<details>
    <summary><b>${method.toUpperCase()}</b> <code>${path}</code> ${summary}</summary>
    <pre>${JSON.stringify(details, null, 2)}</pre>
  </details>`;
}
