// What the pages know of their environment.

/** The API's address, without a slash at its end. */
export async function apiAddress() {
  const answer = await fetch('/settings.json', { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`settings.json: ${answer.status}`);
  return (await answer.json()).api_url.replace(/\/$/, '');
}
