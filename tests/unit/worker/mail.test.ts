import { expect, test } from 'vitest';
import { digestMail, withoutLinks } from '../../../worker/notifications/mail.ts';

test.each([
  ['Ana, visit https://evil.example/now', 'Ana, visit https\ua789//evil\u2024example/now'],
  ['www.evil.example', 'www\u2024evil\u2024example'],
  ['me@evil.example', 'me@evil\u2024example'],
  ['Ana\r\nYour account is closed', 'Ana Your account is closed'],
  ['Ana \u202egnp.exe', 'Ana  gnp\u2024exe'],
])('a name says nothing that a mail program takes for a link or another line: %j', (name, shown) => {
  expect(withoutLinks(name)).toBe(shown);
});

test.each(['Ana sent you 12.50 USD.', 'J. R. R. Tolkien and 3 others', 'Ana: hello'])('%j stays as it is', (text) => {
  expect(withoutLinks(text)).toBe(text);
});

test('names are taken so in the greeting, the address and the lines, and links of operators stay', () => {
  const card = { text: 'Ana evil.example liked your post.', kind: 'like', data: {} };
  const notice = { text: 'Pause', kind: 'notice', data: { body: 'See', url: 'https://status.example/' } };
  const mail = digestMail(
    {
      ...{
        user_id: 'u',
        is_security: false,
        attempts: 1,
        to_seq: 7,
        email: 'ana@example.test',
        name: 'Win http://evil.example',
        more: 0,
      },
      cards: [card, notice] as never,
    },
    'https://app.example/',
  );
  for (const part of [mail.text, mail.html]) {
    expect(part).not.toContain('evil.example');
    expect(part).toContain('See https://status.example/');
    expect(part).toContain('https://app.example/');
  }
});
