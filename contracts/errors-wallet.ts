import type { ErrorEntry } from './error-entry.ts';

/** The codes of money and those who operate it. */
export const WALLET_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
