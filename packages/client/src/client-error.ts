/** What a server said no to, as the rest of Astra does; `client.…` codes are of this package. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** A stable code such as `messages.not_accepted`; docs/errors.md lists those of the server, docs/client.md those of the client. */
  readonly code: string;
  /** The HTTP status; 0 where no server was asked. */
  readonly status: number;
  readonly hint: string | null;

  constructor(
    code: string,
    message: string,
    { status = 0, hint = null as string | null, cause = undefined as unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.hint = hint;
  }
}

/** Before a call rings or is answered: without WebRTC it would, and nobody could speak. @throws ClientError client.no_webrtc */
export function assertWebRtc(): void {
  if (typeof RTCPeerConnection !== 'undefined') return;
  throw new ClientError('client.no_webrtc', 'This program has no WebRTC.', { hint: 'Call and answer in a browser.' });
}

export const closed = () =>
  new ClientError('client.closed', 'The conversation was closed before the server answered.', {
    hint: 'Whether it was done is not known: repeat it with the same client_id.',
  });
