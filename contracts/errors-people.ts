import type { ErrorEntry } from './error-entry.ts';

/** The codes of accounts, profiles and who follows whom. */
export const PEOPLE_ERRORS = {
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
    hint: 'Compare with the list of notification_settings in docs/notifications.md.',
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
} as const satisfies Record<string, ErrorEntry>;
