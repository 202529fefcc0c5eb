import type { ErrorCode } from '../../contracts/errors.ts';

/** An upload that is not taken, for a reason that its owner reads. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
