// The service's answers: single ones, and the events that it sends each second.

const TOKEN = 'writebehind-token';
const AGAIN_MS = 1000;
const SILENCE_MS = 6000;

function headers() {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : {authorization: 'Bearer ' + token};
}

export function useToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

/** Resolves to {status, body}; the body is null where there was no answer. */
export async function ask(method, path) {
  try {
    const answer = await fetch(path, {method, headers: headers(), cache: 'no-store'});
    let body = null;
    try {
      body = await answer.json();
    } catch {
      body = {};
    }
    return {status: answer.status, body};
  } catch {
    return {status: 0, body: null};
  }
}

/**
 * Reads the events for as long as the page is open, and connects again after each end.
 * on.event(name, data); on.live(); on.lost(reason); on.token(isWrong): resolves when there is another token.
 */
export async function listen(on) {
  for (;;) {
    const ended = new AbortController();
    let silence = setTimeout(() => ended.abort(), SILENCE_MS);
    let reason = 'it does not answer';
    try {
      const answer = await fetch('/admin/events', {headers: headers(), cache: 'no-store', signal: ended.signal});
      if (answer.status === 401) {
        clearTimeout(silence);
        on.lost('it wants a token');
        await on.token(sessionStorage.getItem(TOKEN) !== null);
        continue;
      }
      if (!answer.ok) {
        reason = 'it answers ' + answer.status;
        throw new Error(reason);
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const {done, value} = await reader.read();
        if (done) {
          break;
        }
        clearTimeout(silence);
        silence = setTimeout(() => ended.abort(), SILENCE_MS);
        text += value;
        let end;
        while ((end = text.indexOf('\n\n')) >= 0) {
          dispatch(text.slice(0, end), on);
          text = text.slice(end + 2);
        }
      }
      reason = 'it has ended the connection';
    } catch {
      // told below
    }
    clearTimeout(silence);
    on.lost(reason);
    await new Promise(again => setTimeout(again, AGAIN_MS));
  }
}

function dispatch(event, on) {
  const lines = event.split('\n');
  const name = lines[0].slice('event: '.length);
  on.live();
  on.event(name, JSON.parse(lines[1].slice('data: '.length)));
}
