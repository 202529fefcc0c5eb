/** What the API says of one kind of failure; `detail` and `hint` are the defaults of a single occurrence. */
export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  /** One sentence for people: what went wrong. */
  readonly detail: string;
  /** One sentence for developers: what to do next. */
  readonly hint: string;
}

/**
 * Every error code of the API, the same in functions and in SQL (`app_hidden.fail`). A code is a promise to clients:
 * it is never renamed. docs/errors.md is generated from this table.
 */
export const ERRORS = {
  'request.malformed_json': {
    status: 400,
    detail: 'The body is not valid JSON.',
    hint: 'Send one JSON object in UTF-8.',
  },
  'request.invalid': {
    status: 400,
    detail: 'Some of the values sent are not acceptable.',
    hint: 'Mend the fields listed in `errors`.',
  },
  'request.invalid_cursor': {
    status: 400,
    detail: 'The cursor is not one that this list gave out.',
    hint: 'Start without a cursor, then pass `next_cursor` unchanged.',
  },
  'request.not_found': {
    status: 404,
    detail: 'There is nothing at this path.',
    hint: 'Compare the path with the API pages in docs/.',
  },
  'request.method_not_allowed': {
    status: 405,
    detail: 'This path does not answer this method.',
    hint: 'Use one of the methods in the Allow header.',
  },
  'request.too_large': {
    status: 413,
    detail: 'The body is too large.',
    hint: 'Send at most 64 KiB of JSON.',
  },
  'request.unsupported_media_type': {
    status: 415,
    detail: 'The body is not declared as JSON.',
    hint: 'Send the header Content-Type: application/json.',
  },
  'request.unprocessable': {
    status: 422,
    detail: 'The database refused one of the values.',
    hint: 'Compare the values with the limits in the API pages in docs/.',
  },
  'auth.required': {
    status: 401,
    detail: 'This needs a signed-in user.',
    hint: 'Send Authorization: Bearer <access_token> from register, login or refresh.',
  },
  'auth.token_expired': {
    status: 401,
    detail: 'The access token has expired.',
    hint: 'Get a new one with POST auth/refresh, then repeat the request.',
  },
  'auth.token_invalid': {
    status: 401,
    detail: 'The access token is not one that this project issued.',
    hint: 'Sign in again and send the access token unchanged.',
  },
  'auth.session_revoked': {
    status: 401,
    detail: 'This session was signed out.',
    hint: 'Sign in again.',
  },
  'auth.invalid_credentials': {
    status: 401,
    detail: 'The email or the password is wrong.',
    hint: 'Check both, or ask for a reset mail with POST auth/forgot-password.',
  },
  'auth.refresh_token_invalid': {
    status: 401,
    detail: 'The refresh token is unknown, used or expired.',
    hint: 'Sign in again; each refresh token works once.',
  },
  'auth.email_not_confirmed': {
    status: 403,
    detail: 'The email address has not been confirmed yet.',
    hint: 'Follow the link in the confirmation mail, then sign in.',
  },
  'auth.user_banned': {
    status: 403,
    detail: 'This account is suspended.',
    hint: 'Ask the operators of the app.',
  },
  'auth.signup_disabled': {
    status: 403,
    detail: 'New accounts are not accepted at the moment.',
    hint: 'Sign in with an existing account, or enable sign-ups in the Auth settings.',
  },
  'auth.forbidden': {
    status: 403,
    detail: 'You are not allowed to do this.',
    hint: 'Sign in as a user who may.',
  },
  'auth.session_not_found': {
    status: 404,
    detail: 'You have no such session.',
    hint: 'Take an id from GET auth/sessions.',
  },
  'auth.email_taken': {
    status: 409,
    detail: 'An account with this email address already exists.',
    hint: 'Sign in, or ask for a reset mail with POST auth/forgot-password.',
  },
  'auth.reset_token_invalid': {
    status: 400,
    detail: 'The reset link or code is wrong, used or expired.',
    hint: 'Ask for a new mail with POST auth/forgot-password.',
  },
  'auth.invalid_email': {
    status: 422,
    detail: 'This email address cannot be used.',
    hint: 'Use another address.',
  },
  'auth.weak_password': {
    status: 422,
    detail: 'The password is too weak.',
    hint: 'Use a longer password with different kinds of characters.',
  },
  'auth.same_password': {
    status: 422,
    detail: 'The new password is the same as the old one.',
    hint: 'Choose another password.',
  },
  'auth.email_rate_limited': {
    status: 429,
    detail: 'Too many mails were asked for.',
    hint: 'Wait a minute before asking for another mail.',
  },
  'users.not_found': {
    status: 404,
    detail: 'There is no such user.',
    hint: 'Pass the id or the username of a user whom you may see.',
  },
  'users.username_taken': {
    status: 409,
    detail: 'This username is taken.',
    hint: 'Choose another username.',
  },
  'users.username_reserved': {
    status: 422,
    detail: 'This username is reserved.',
    hint: 'Choose another username.',
  },
  'users.username_invalid': {
    status: 422,
    detail: 'This is not a valid username.',
    hint: 'Use 3 to 30 of a-z, 0-9, dot and underscore, with a letter or digit at both ends.',
  },
  'users.not_a_business': {
    status: 403,
    detail: 'Only a business account has business facts.',
    hint: 'Ask the operators of the app to make this a business account.',
  },
  'users.field_invalid': {
    status: 422,
    detail: 'A field does not take this value.',
    hint: 'The hint of the answer names the field and what it takes.',
  },
  'users.username_changed_lately': {
    status: 422,
    detail: 'The username was changed within the last seven days.',
    hint: 'Wait until a week has passed since the last change.',
  },
  'users.privacy_settings_invalid': {
    status: 422,
    detail: 'There is no such privacy setting, or it has no such value.',
    hint: 'Compare with the list of privacy_settings in docs/users.md.',
  },
  'users.notification_settings_invalid': {
    status: 422,
    detail: 'There is no such notification setting, or it has no such value.',
    hint: 'Compare with the list of notification_settings in docs/users.md.',
  },
  'users.lists_hidden': {
    status: 403,
    detail: 'This person does not show who follows them and whom they follow.',
    hint: 'Of a private account, followers see the lists, unless it hides them from everybody. Its counts are on the profile.',
  },
  'users.verification_open': {
    status: 409,
    detail: 'A request of this kind is waiting to be decided.',
    hint: 'Read it with GET users/verification-requests; withdraw it to file another one.',
  },
  'users.verification_not_found': {
    status: 404,
    detail: 'You have no such open request.',
    hint: 'Take an id from GET users/verification-requests.',
  },
  'users.export_open': {
    status: 409,
    detail: 'An export of your data is being made.',
    hint: 'Ask GET users/export until it is done.',
  },
  'users.export_too_soon': {
    status: 422,
    detail: 'You had an export of your data not long ago.',
    hint: 'Download that one: GET users/export says where. There is one a day.',
  },
  'users.export_not_found': {
    status: 404,
    detail: 'You have not asked for an export of your data, or not lately.',
    hint: 'Ask for one: POST users/export.',
  },
  'users.proof_required': {
    status: 403,
    detail: 'Prove that it is you who wants this.',
    hint: 'Send `password`, or sign in again and repeat the request within ten minutes.',
  },
  'users.account_has_money': {
    status: 409,
    detail: 'The account cannot be deleted while there is money in its wallet, or some on its way.',
    hint: 'Withdraw or send what is in the wallet, let holds and withdrawals end, and ask again.',
  },
  'users.deletion_not_found': {
    status: 404,
    detail: 'No deletion of this account is waiting.',
    hint: 'There is nothing to take back.',
  },
  'follows.to_oneself': {
    status: 422,
    detail: 'Nobody follows, blocks or mutes themselves.',
    hint: 'Name somebody else.',
  },
  'follows.blocked': {
    status: 409,
    detail: 'You have blocked this person.',
    hint: 'Unblock them first: DELETE users/block/:id.',
  },
  'follows.request_not_found': {
    status: 404,
    detail: 'This person does not wait for your answer.',
    hint: 'Take an id from GET users/requests.',
  },
  'follows.mute_over': {
    status: 422,
    detail: 'The end of the mute has passed.',
    hint: 'Send a time to come, or none to mute for good.',
  },
  'follows.limit_reached': {
    status: 422,
    detail: 'You follow too many people, or too many within an hour.',
    hint: 'Follow at most 200 people an hour and 7,500 in all.',
  },
  'posts.not_found': {
    status: 404,
    detail: 'There is no such post.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'posts.empty': {
    status: 422,
    detail: 'A post of type text needs content or a poll.',
    hint: 'Send `content`.',
  },
  'posts.media_required': {
    status: 422,
    detail: 'A post of this type needs a medium.',
    hint: 'Send `media_urls`.',
  },
  'posts.media_invalid': {
    status: 422,
    detail: 'One of the media is not an address.',
    hint: 'Send addresses that begin with https:// or http://, up to 2048 characters.',
  },
  'posts.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/posts.md.',
  },
  'posts.tag_invalid': {
    status: 422,
    detail: 'One of the tags is not a tag.',
    hint: 'Use 1 to 50 letters, digits and underscores, with one letter at least.',
  },
  'posts.schedule_invalid': {
    status: 422,
    detail: 'A post is scheduled for a time to come, within a year.',
    hint: 'Send `scheduled_for` as a time in the future.',
  },
  'posts.already_published': {
    status: 409,
    detail: 'A published post does not become a draft again.',
    hint: 'Make it private, or delete it.',
  },
  'posts.too_many_pinned': {
    status: 422,
    detail: 'At most three posts can be pinned.',
    hint: 'Unpin another post first.',
  },
  'posts.shares_not_allowed': {
    status: 403,
    detail: 'This post is not to be shared.',
    hint: 'Share posts with `shares_allowed` that others may read.',
  },
  'posts.already_shared': {
    status: 409,
    detail: 'You have shared this post.',
    hint: 'Share it again with words of your own.',
  },
  'posts.poll_invalid': {
    status: 422,
    detail: 'A poll has 2 to 10 options of 1 to 80 characters and ends within 30 days.',
    hint: 'Mend `options` or `ends_at`.',
  },
  'posts.poll_closed': {
    status: 409,
    detail: 'This poll is over.',
    hint: 'Read the result.',
  },
  'posts.no_poll': {
    status: 404,
    detail: 'This post has no poll.',
    hint: 'Vote in posts with a poll.',
  },
  'posts.choice_invalid': {
    status: 422,
    detail: 'The poll does not take this choice.',
    hint: 'Send positions of its options; one, unless `is_multiple`.',
  },
  'posts.comments_not_allowed': {
    status: 403,
    detail: 'You cannot comment on this post.',
    hint: 'Its author decides who may: show the field only where `can_comment` is true.',
  },
  'comments.not_found': {
    status: 404,
    detail: 'There is no such comment.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'comments.content_invalid': {
    status: 422,
    detail: 'A comment has 1 to 2,000 characters.',
    hint: 'Mend `content`.',
  },
  'reports.reason_invalid': {
    status: 422,
    detail: 'There is no such reason for a report.',
    hint: 'Send `reason` as spam, harassment, hate, violence, nudity, self_harm, fraud, impersonation or other.',
  },
  'reports.of_oneself': {
    status: 422,
    detail: 'Nobody reports themselves.',
    hint: 'Delete what is yours.',
  },
  'reports.not_found': {
    status: 404,
    detail: 'There is no such report.',
    hint: 'Look into admin.reports.',
  },
  'reports.decided': {
    status: 409,
    detail: 'This report was decided already.',
    hint: 'Look into admin.reports.',
  },
  'reports.already_reported': {
    status: 409,
    detail: 'You have reported this.',
    hint: 'The moderators will look at it.',
  },
  'wallet.insufficient_funds': {
    status: 402,
    detail: 'The balance is too low for this amount.',
    hint: 'Send less or add money first.',
  },
  'wallet.frozen': {
    status: 403,
    detail: 'This wallet is frozen.',
    hint: 'Ask the operators of the app.',
  },
  'wallet.not_found': {
    status: 404,
    detail: 'You have no wallet in this currency.',
    hint: 'Leave `currency` out to see the default wallet.',
  },
  'wallet.recipient_not_found': {
    status: 404,
    detail: 'There is no such recipient.',
    hint: 'Pass the id or the username of another user.',
  },
  'wallet.self_transfer': {
    status: 422,
    detail: 'Sender and recipient are the same.',
    hint: 'Name another recipient.',
  },
  'wallet.invalid_amount': {
    status: 422,
    detail: 'The amount is not a positive decimal number.',
    hint: "Send a string of digits like '12.50': no sign, no exponent, no spaces.",
  },
  'wallet.amount_scale': {
    status: 422,
    detail: 'The amount has more decimals than the currency.',
    hint: 'Round the amount to the minor unit of the currency.',
  },
  'wallet.unknown_currency': {
    status: 422,
    detail: 'This currency is not known.',
    hint: 'Send an ISO 4217 code such as USD.',
  },
  'wallet.limit_exceeded': {
    status: 422,
    detail: 'This is more than the limits of this wallet allow.',
    hint: 'Send less, or wait until the hour or the day (UTC) is over.',
  },
  'wallet.recipient_unavailable': {
    status: 422,
    detail: 'This wallet cannot receive money at the moment.',
    hint: 'Ask the recipient to contact the operators of the app.',
  },
  'wallet.blocked': {
    status: 403,
    detail: 'Money cannot be sent between these two people.',
    hint: 'Choose another recipient.',
  },
  'wallet.invalid_split': {
    status: 422,
    detail: 'The parts do not make up the whole.',
    hint: 'Send either amounts that add up to `amount`, or shares; and each recipient once.',
  },
  'wallet.batch_refused': {
    status: 422,
    detail: 'The batch was refused as a whole: nothing was booked.',
    hint: 'Mend the transfer listed in `errors`, or send the batch with mode independent.',
  },
  'wallet.transaction_not_found': {
    status: 404,
    detail: 'You have no such transaction.',
    hint: 'Take an id from GET wallet/transactions.',
  },
  'wallet.not_reversible': {
    status: 422,
    detail: 'This transaction cannot be reversed.',
    hint: 'Only a payment or a capture can be, by who received it.',
  },
  'wallet.already_reversed': {
    status: 409,
    detail: 'This transaction was reversed already.',
    hint: 'Nothing is left to do: a transaction is reversed once, as a whole.',
  },
  'wallet.hold_not_found': {
    status: 404,
    detail: 'You have no such hold.',
    hint: 'Take an id from GET wallet/holds.',
  },
  'wallet.hold_resolved': {
    status: 409,
    detail: 'This hold was captured or voided already.',
    hint: 'Read the hold: a hold is resolved once.',
  },
  'wallet.hold_expired': {
    status: 409,
    detail: 'This hold has expired: its money is back with the payer.',
    hint: 'Ask the payer for a new hold or a payment.',
  },
  'wallet.capture_exceeds_hold': {
    status: 422,
    detail: 'This is more than the hold keeps.',
    hint: 'Capture at most the amount of the hold; ask the payer to send the rest.',
  },
  'wallet.request_not_found': {
    status: 404,
    detail: 'There is no such payment request that you could answer.',
    hint: 'Take an id from GET wallet/requests.',
  },
  'wallet.request_resolved': {
    status: 409,
    detail: 'This payment request was answered already, or it has expired.',
    hint: 'Read the request: it is answered once.',
  },
  'wallet.linked_account_not_found': {
    status: 404,
    detail: 'You have no such linked account.',
    hint: 'Take an id from GET wallet/linked-accounts.',
  },
  'wallet.linked_account_in_use': {
    status: 409,
    detail: 'A withdrawal to this account is on its way.',
    hint: 'Unlink it when the withdrawal is paid or has failed.',
  },
  'wallet.linked_account_currency': {
    status: 422,
    detail: 'This account is in another currency than the withdrawal.',
    hint: 'Withdraw in the currency of the account, or link an account in that of the withdrawal.',
  },
  'wallet.linked_account_limit': {
    status: 422,
    detail: 'No more accounts can be linked.',
    hint: 'Unlink one first.',
  },
  'wallet.raw_account_number': {
    status: 422,
    detail: 'This looks like the number of an account or a card.',
    hint: 'Send the token that the payment provider gave you for it; numbers never pass through here.',
  },
  'wallet.withdrawal_not_found': {
    status: 404,
    detail: 'You have no such withdrawal.',
    hint: 'Take an id from GET wallet/withdrawals.',
  },
  'wallet.withdrawals_stopped': {
    status: 503,
    detail: 'Withdrawals are stopped at the moment.',
    hint: 'Try again later; the money stays in the wallet.',
  },
  'wallet.deposit_not_found': {
    status: 404,
    detail: 'You have no such deposit.',
    hint: 'Take the id from the answer of POST wallet/deposits.',
  },
  'ledger.append_only': {
    status: 403,
    detail: 'What was booked is never changed or deleted.',
    hint: 'Post a correcting transfer instead.',
  },
  'admin.reason_required': {
    status: 422,
    detail: 'This needs a reason of 3 to 1,000 characters.',
    hint: "Say why in the last argument, such as 'case 4711: stolen card'.",
  },
  'admin.not_operator': {
    status: 403,
    detail: 'There is no operator with this name and code.',
    hint: 'Check both; for a new code: admin.remove_operator, then admin.add_operator.',
  },
  'admin.operator_exists': {
    status: 409,
    detail: 'There is an operator of this name already.',
    hint: 'For a new code end the old one first, which the audit log shows: admin.remove_operator, then admin.add_operator.',
  },
  'admin.correction_not_found': {
    status: 404,
    detail: 'There is no such correction.',
    hint: 'Look into admin.corrections.',
  },
  'admin.correction_decided': {
    status: 409,
    detail: 'This correction was decided already.',
    hint: 'Propose a new one.',
  },
  'admin.verification_decided': {
    status: 409,
    detail: 'This request for a badge or a business account was decided already.',
    hint: 'Look into admin.verification_queue.',
  },
  'admin.four_eyes': {
    status: 403,
    detail: 'Nobody approves what they proposed.',
    hint: 'Ask another operator.',
  },
  'provider.refused': {
    status: 422,
    detail: 'The payment provider refused.',
    hint: 'Check the account and the amount, then make a new request with a new Idempotency-Key.',
  },
  'provider.unavailable': {
    status: 503,
    detail: 'The payment provider cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'provider.not_configured': {
    status: 503,
    detail: 'Payments with the outside world are switched off here.',
    hint: 'Operators: set PAYMENTS_PROVIDER and its variables, see docs/payments.md.',
  },
  'provider.webhook_invalid': {
    status: 401,
    detail: 'This is not a fresh, signed message of the payment provider.',
    hint: "Operators: compare the endpoint's signing secret with the variable that holds it, and the clocks.",
  },
  'provider.unknown_reference': {
    status: 409,
    detail: 'This payment is not known here, or not yet.',
    hint: 'Deliver the message again later, as for any answer that is not 2xx.',
  },
  'idempotency.invalid_key': {
    status: 400,
    detail: 'The Idempotency-Key header is not acceptable.',
    hint: 'Send 1 to 255 printable ASCII characters, for example a UUID.',
  },
  'idempotency.key_reused': {
    status: 409,
    detail: 'This Idempotency-Key was used for another request.',
    hint: 'Use a new key for a new request, and repeat a request unchanged.',
  },
  'idempotency.in_progress': {
    status: 409,
    detail: 'A request with this Idempotency-Key is still running.',
    hint: 'Repeat the request in a moment with the same key.',
  },
  'rate_limit.exceeded': {
    status: 429,
    detail: 'Too many requests.',
    hint: 'Wait as many seconds as Retry-After says.',
  },
  'service.database_unavailable': {
    status: 503,
    detail: 'The database cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.database_timeout': {
    status: 503,
    detail: 'The database took too long.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.busy': {
    status: 503,
    detail: 'Too many requests touched the same data at once.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.auth_unavailable': {
    status: 503,
    detail: 'The sign-in service cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds.',
  },
  'service.storage_unavailable': {
    status: 503,
    detail: 'Files cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds.',
  },
  'internal.misconfigured': {
    status: 500,
    detail: 'The server is not configured correctly.',
    hint: 'Operators: the log of the function names the variable and the next step.',
  },
  'internal.unexpected': {
    status: 500,
    detail: 'Something went wrong on our side.',
    hint: 'Repeat the request later; if it fails again, report the `instance` of this problem.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** A stable code of `ERRORS`. */
export type ErrorCode = keyof typeof ERRORS;

/** One refused field or part: where it is in the request (`body.amount`, `query.limit`, `body.transfers.3`) and why. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
  /** The code with which the part alone would be refused; a field that was never looked at further has none. */
  readonly code?: string;
}

/** What may differ between two occurrences of the same code. */
export interface AppErrorOptions {
  readonly detail?: string;
  readonly hint?: string;
  readonly fields?: readonly FieldError[];
  readonly retry_after_s?: number;
  readonly cause?: unknown;
}

/** The one error that handlers throw on purpose; everything in it may be shown to a client, except `cause`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  readonly fields: readonly FieldError[] | undefined;
  readonly retry_after_s: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const entry = ERRORS[code];
    const detail = options.detail ?? entry.detail;
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
    this.hint = options.hint ?? entry.hint;
    this.fields = options.fields;
    this.retry_after_s = options.retry_after_s;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Whether a text (from SQL, say) is one of our codes. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
