// What a person does with an account, from sign-up to deletion, through the
// official client. `w` is the world of one run: its client, page, checks and mails.

const WEEK = 7 * 24 * 3600 * 1000;
const outcome = ({ data, error }) => (error ? `${error.status} ${error.code}` : data ? 'ok' : 'nothing');
const line = (name, email, rest) => `${name} <${email}> ${rest}`;

/** profile core: a session from the first moment, everything by password */
export async function account(w) {
  const { check } = w;
  const email = w.email('ada');
  let password = 'first-password-1';
  const laptop = w.device('laptop');
  const { client } = laptop;
  const page = w.show(client);
  const signIn = (device, given = password) => device.client.signIn.email({ email, password: given });
  const signedIn = async (device) => Boolean((await device.client.getSession()).data);

  check('the page starts signed out', await page.reads('signed out'), 'signed out');

  const up = await client.signUp.email({ email, password, name: 'Ada' });
  check('signs up', outcome(up), 'ok');
  check('the answer names the user', [up.data?.user.email, up.data?.user.name, up.data?.user.emailVerified], [email, 'Ada', false]);
  check('the page shows the new user by itself', await page.reads(line('Ada', email, 'unverified')), line('Ada', email, 'unverified'));
  check('a second sign-up with the address is refused', outcome(await client.signUp.email({ email, password, name: 'Eve' })), '422 USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL');

  const { data: session } = await client.getSession();
  check('reads its session', [session?.user.id, session?.session.userId, session?.session.userAgent], [up.data?.user.id, up.data?.user.id, 'laptop']);
  check('the session ends in a week', Math.abs(session?.session.expiresAt - Date.now() - WEEK) < 60_000, true);
  check('lists its accounts', (await client.listAccounts()).data?.map((a) => a.providerId), ['credential']);

  check('asks for a verification mail', outcome(await client.sendVerificationEmail({ email, callbackURL: '/welcome' })), 'ok');
  const { token } = await w.mail('verification-email', email);
  check('verifies its e-mail', outcome(await client.verifyEmail({ query: { token } })), 'ok');
  check('the page shows the address verified by itself', await page.reads(line('Ada', email, 'verified')), line('Ada', email, 'verified'));
  check('a false verification token is refused', outcome(await client.verifyEmail({ query: { token: 'false' } })), '401 INVALID_TOKEN');

  check('updates its user', outcome(await client.updateUser({ name: 'Ada Lovelace', image: 'https://pictures.example.test/ada' })), 'ok');
  const renamed = line('Ada Lovelace', email, 'verified https://pictures.example.test/ada');
  check('the page shows the new name and picture by itself', await page.reads(renamed), renamed);

  check('signs out', outcome(await client.signOut()), 'ok');
  check('the page shows signed out by itself', await page.reads('signed out'), 'signed out');
  check('the cookie is gone', laptop.browser.signedIn, false);
  check('a wrong password is refused', outcome(await signIn(laptop, 'not-the-password')), '401 INVALID_EMAIL_OR_PASSWORD');
  check('the page stays signed out', page.text(), 'signed out');
  check('signs in', outcome(await signIn(laptop)), 'ok');
  check('the page shows the user again by itself', await page.reads(renamed), renamed);

  const phone = w.device('phone');
  const tablet = w.device('tablet');
  await signIn(phone);
  await signIn(tablet);
  const agents = async () => (await client.listSessions()).data?.map((s) => s.userAgent).sort();
  check('lists its sessions', await agents(), ['laptop', 'phone', 'tablet']);
  const phones = (await client.listSessions()).data?.find((s) => s.userAgent === 'phone');
  check('revokes one session', outcome(await client.revokeSession({ token: phones?.token })), 'ok');
  check('that session is over, the others live', [await signedIn(phone), await signedIn(tablet), await signedIn(laptop)], [false, true, true]);
  await signIn(phone);
  check('revokes the other sessions', outcome(await client.revokeOtherSessions()), 'ok');
  check('only its own session lives', [await agents(), await signedIn(phone), await signedIn(tablet)], [['laptop'], false, false]);
  await signIn(phone);
  check('revokes all sessions', outcome(await client.revokeSessions()), 'ok');
  check('the page shows signed out by itself', await page.reads('signed out'), 'signed out');
  check('no session lives', [await signedIn(phone), await signedIn(laptop)], [false, false]);

  await signIn(laptop);
  await signIn(phone);
  const change = (currentPassword, newPassword) => client.changePassword({ currentPassword, newPassword, revokeOtherSessions: true });
  check('a change with a wrong password is refused', outcome(await change('not-the-password', 'second-password-2')), '400 INVALID_PASSWORD');
  check('changes its password', outcome(await change(password, 'second-password-2')), 'ok');
  check('and ends the other sessions', [await signedIn(laptop), await signedIn(phone)], [true, false]);
  check('the old password no longer works', outcome(await signIn(phone)), '401 INVALID_EMAIL_OR_PASSWORD');
  password = 'second-password-2';
  check('the new one does', outcome(await signIn(phone)), 'ok');

  check('asks to reset its password', outcome(await phone.client.requestPasswordReset({ email, redirectTo: '/new-password' })), 'ok');
  const landed = await phone.browser.open((await w.mail('reset-password', email)).url, w.api);
  check('the link in the mail leads to the page', landed.pathname, '/new-password');
  const reset = { newPassword: 'third-password-3', token: landed.searchParams.get('token') };
  check('resets its password', outcome(await phone.client.resetPassword(reset)), 'ok');
  check('the link works once', outcome(await phone.client.resetPassword(reset)), '400 INVALID_TOKEN');
  check('the old password no longer works', outcome(await signIn(phone)), '401 INVALID_EMAIL_OR_PASSWORD');
  password = reset.newPassword;
  check('the new one does', outcome(await signIn(phone)), 'ok');

  check('the page shows the user', await page.reads(renamed), renamed);
  check('a deletion with a wrong password is refused', outcome(await client.deleteUser({ password: 'not-the-password' })), '400 INVALID_PASSWORD');
  check('deletes its user', outcome(await client.deleteUser({ password })), 'ok');
  check('the page shows signed out by itself', await page.reads('signed out'), 'signed out');
  check('the other session is over', await signedIn(phone), false);
  check('the user is gone', outcome(await signIn(phone)), '401 INVALID_EMAIL_OR_PASSWORD');
  check('the page was never reloaded', page.loads, 1);
  page.close();
}

/** profile core-verify: no session before the e-mail is verified, every change by mail */
export async function verified(w) {
  const { check } = w;
  const email = w.email('grace');
  const password = 'first-password-1';
  const { client, browser } = w.device('laptop');
  const page = w.show(client);
  const confirm = async (kind, to) => outcome(await client.verifyEmail({ query: { token: (await w.mail(kind, to)).token } }));

  const up = await client.signUp.email({ email, password, name: 'Grace' });
  check('signs up without a session', [outcome(up), up.data?.token, browser.signedIn], ['ok', null, false]);
  check('sign-in before verification is refused', outcome(await client.signIn.email({ email, password })), '403 EMAIL_NOT_VERIFIED');
  check('the page is signed out', await page.reads('signed out'), 'signed out');
  check('verifies its e-mail', await confirm('verification-email', email), 'ok');
  check('the page shows the user by itself', await page.reads(line('Grace', email, 'verified')), line('Grace', email, 'verified'));

  const newEmail = w.email('hopper');
  check('asks to change its e-mail', outcome(await client.changeEmail({ newEmail })), 'ok');
  check('confirms from the old address', await confirm('change-email', email), 'ok');
  check('verifies the new address', await confirm('verification-email', newEmail), 'ok');
  check('the page shows the new address by itself', await page.reads(line('Grace', newEmail, 'verified')), line('Grace', newEmail, 'verified'));

  check('asks to delete its user', outcome(await client.deleteUser()), 'ok');
  check('and is still there', Boolean((await client.getSession()).data), true);
  const { token } = await w.mail('delete-account', newEmail);
  check('deletes its user by the mail', outcome(await client.deleteUser({ token })), 'ok');
  check('the page shows signed out by itself', await page.reads('signed out'), 'signed out');
  check('the user is gone', outcome(await client.signIn.email({ email: newEmail, password })), '401 INVALID_EMAIL_OR_PASSWORD');
  check('the page was never reloaded', page.loads, 1);
  page.close();
}
