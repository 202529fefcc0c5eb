import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, sendPage, sendProblem } from '../gateway/respond.ts';
import { loadPage } from '../pages/page.ts';
import type { MailMessage, MailStore } from './store.ts';

// A mail is a stranger's page: no script, no form, nothing loaded from elsewhere, and links open in a tab of their own.
const MAIL_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/**
 * Answers the inbox page and its JSON API:
 * `GET /api/messages[?to=address]`, `GET /api/messages/:id`, `DELETE /api/messages`.
 */
export function createInbox(store: MailStore): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const page = loadPage('inbox.html', ["frame-src 'self'"]);
  return async (request, response) => {
    const { pathname, searchParams } = new URL(`http://inbox${request.url ?? '/'}`);
    const id = /^\/(?:api\/)?messages\/([\w-]+)(?:\/html)?$/.exec(pathname)?.[1];
    if (request.method === 'DELETE' && pathname === '/api/messages') {
      await store.clear();
      response.writeHead(204).end();
      return;
    }
    if (request.method !== 'GET') return notFound(response);
    if (pathname === '/') return sendPage(response, page);
    if (pathname === '/health') return sendJson(response, 200, { status: 'ok' });
    if (pathname === '/api/messages') {
      return sendJson(response, 200, { data: store.list(searchParams.get('to') ?? undefined) });
    }
    const message = id === undefined ? undefined : store.get(id);
    if (message === undefined) return notFound(response);
    if (pathname.startsWith('/api/')) return sendJson(response, 200, message);
    sendMailBody(response, message);
  };
}

function notFound(response: ServerResponse): void {
  sendProblem(response, {
    status: 404,
    code: 'mail.not_found',
    detail: 'There is no such mail or page.',
    hint: 'GET /api/messages lists what is there.',
  });
}

function sendMailBody(response: ServerResponse, message: MailMessage): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': MAIL_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  // The first <base> of a document wins, so a mail cannot choose where its links open.
  response.end(`<!doctype html><base target="_blank">${message.html}`);
}
