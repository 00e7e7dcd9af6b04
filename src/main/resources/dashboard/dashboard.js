// The page: what is told, shown; what is pressed, asked for.
import {Charts} from './charts.js';
import {ask, listen, useToken} from './stream.js';
import {clock, counted, duration, element, rate, size, table, timeOf, whole} from './words.js';

const at = id => document.getElementById(id);
const MOST_FIGURES = 900;
const MOST_LISTED = 100;

let columns = [];
let samples = [];
let figures = [];
let status = null;
let charts = null;
let isListed = false;
const drawn = new Map();

function text(id, value) {
  const element = at(id);
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

/** Draws a part again only if what it shows has changed: whoever reads or has the focus there stays undisturbed. */
function part(id, shown, draw) {
  const key = JSON.stringify(shown);
  if (drawn.get(id) !== key) {
    drawn.set(id, key);
    at(id).replaceChildren(...draw());
  }
}

function named(row) {
  const sample = {};
  columns.forEach((name, i) => {
    sample[name] = row[i];
  });
  return sample;
}

/** What happened between two samples; null where there is nothing to divide by, or the service began anew. */
function figure(before, now) {
  const seconds = (now.at - before.at) / 1000;
  const grown = name => now[name] - before[name];
  const began = grown('accepted') < 0 || grown('flushes') < 0 || seconds <= 0;
  const each = (sum, count) => began || grown(count) === 0 ? null : grown(sum) / grown(count) / 1e6;
  const perSecond = name => began ? null : grown(name) / seconds;
  return {
    at: now.at / 1000,
    accepted: perSecond('accepted'),
    notTaken: perSecond('not_taken'),
    rows: perSecond('rows'),
    statements: perSecond('statements'),
    flushes: perSecond('flushes'),
    flushMs: each('flush_nanos', 'flushes'),
    syncMs: each('sync_nanos', 'syncs'),
    keys: now.pending_keys,
    oldest: now.oldest_seconds,
    interval: now.interval_seconds,
  };
}

function takeHistory(history) {
  columns = history.columns;
  const told = history.samples.map(named);
  const first = told.length === 0 ? Infinity : told[0].at;
  samples = samples.filter(sample => sample.at < first).concat(told).slice(-MOST_FIGURES);
  figures = samples.slice(1).map((sample, i) => figure(samples[i], sample));
  showFigures();
}

function takeSample(row) {
  const now = named(row);
  if (samples.length > 0) {
    figures.push(figure(samples[samples.length - 1], now));
  }
  samples.push(now);
  samples = samples.slice(-MOST_FIGURES);
  figures = figures.slice(-MOST_FIGURES);
  showFigures();
}

function showFigures() {
  charts ??= new Charts();
  charts.show(figures, Number(at('span').value));
  const now = figures[figures.length - 1];
  const sample = samples[samples.length - 1];
  if (now === undefined) {
    return;
  }
  text('accepted', rate(now.accepted));
  text('not-taken', now.notTaken > 0 ? rate(now.notTaken) + ' not taken' : '');
  text('rows', rate(now.rows));
  text('statements', rate(now.statements).replace('/s', ' statements/s'));
  text('keys', whole.format(sample.pending_keys));
  text('bytes', size(sample.pending_bytes));
  text('oldest', duration(sample.oldest_seconds));
  text('interval', 'interval ' + duration(sample.interval_seconds));
  const last = figures.findLast(each => each.flushMs !== null);
  text('flush-time', last === undefined ? '–' : duration(last.flushMs / 1000));
  text('flushes', now.flushes === null ? '' : now.flushes.toFixed(1) + ' flushes/s');
}

function bound(id, value, most) {
  const meter = at(id + '-meter');
  meter.max = most;
  meter.high = most * 0.8;
  meter.low = most * 0.5;
  meter.optimum = 0;
  meter.value = value;
  meter.title = Math.round(100 * value / most) + ' %';
}

function showStatus(told) {
  const before = status;
  status = told;
  const phase = at('phase');
  text('phase', told.ready ? told.phase : told.phase === 'serving' ? 'not ready' : told.phase);
  phase.className = 'badge ' + (told.ready ? 'good' : 'bad');
  text('build', `${told.version}, for ${duration((Date.now() - Date.parse(told.started)) / 1000)}, at ${location.host}`);
  document.title = (told.conditions.length > 0 ? `(${told.conditions.length}) ` : '') + 'Completion write-behind';

  part('conditions', told.conditions, () => conditions(told.conditions));
  bound('keys', told.pending.keys, told.pending.max_keys);
  text('keys-bound', 'of ' + whole.format(told.pending.max_keys));
  bound('bytes', told.pending.bytes, told.pending.max_bytes);
  text('bytes-bound', 'of ' + size(told.pending.max_bytes));
  const shared = told.sharing;
  text('journal', !told.journal.healthy ? 'not durable' : shared ? shared.part : size(told.journal.bytes));
  at('journal').className = told.journal.healthy ? '' : 'bad';
  text('journal-note', !told.journal.healthy ? told.journal.state
      : shared ? `epoch ${shared.epoch}, ${counted(shared.unread_records, 'record', 'records')} and `
          + `${duration(shared.behind_seconds)} behind the shared log’s end`
      : 'in ' + counted(told.journal.segments, 'file', 'files'));
  text('database', told.flushing.paused ? 'paused' : told.flushing.failure === null ? 'ok' : 'failing');
  at('database').className = told.flushing.failure === null ? '' : 'bad';
  text('database-note', told.flushing.failure ?? counted(told.flushing.lanes, 'lane', 'lanes'));
  text('dead', told.dead_letters.waiting === null ? '?' : whole.format(told.dead_letters.waiting));
  at('dead').className = told.dead_letters.waiting === 0 ? '' : 'bad';
  text('dead-note', told.dead_letters.waiting === null ? 'they can’t be read'
      : told.dead_letters.waiting > 0 ? 'see below' : 'waiting');
  const effect = told.effect;
  text('effect', `${counted(effect.accepted_writes, 'write', 'writes')} accepted since the start, `
      + `${counted(effect.rows_changed, 'row', 'rows')} written by `
      + `${counted(effect.statements, 'statement', 'statements')}: `
      + `${whole.format(Math.max(0, effect.accepted_writes - effect.statements))} fewer than one for each write.`);
  text('pause', told.flushing.paused ? 'Resume flushing' : 'Pause flushing');
  part('events', told.recent, () => events(told.recent));
  text('settings-note', told.settings.refused !== null ? 'The file is wrong, and these stay: ' + told.settings.refused
      : told.settings.awaiting_restart.length > 0
        ? 'Waiting for the next start: ' + told.settings.awaiting_restart.join(', ') : '');
  if (!isListed || before === null || before.dead_letters.waiting !== told.dead_letters.waiting) {
    showDeadLetters();
  }
  if (at('settings').open && before !== null
      && JSON.stringify(before.recent) !== JSON.stringify(told.recent)) {
    showSettings();
  }
}

function conditions(all) {
  if (all.length === 0) {
    return [element('p', 'Nothing is wrong.', 'fine')];
  }
  return [element('ul', all.map(each => element('li', [
    element('p', [element('strong', each.name), ' since ', timeOf(each.since)]),
    element('p', each.cause),
    element('p', each.action, 'do'),
  ])))];
}

function events(all) {
  if (all.length === 0) {
    return [element('p', 'Nothing yet.', 'quiet')];
  }
  return [table('What changed', ['Time', 'Kind', 'What'], all.map(each => element('tr', [
    element('td', timeOf(each.at), 'time'), element('td', each.kind, 'time'), element('td', each.text),
  ])))];
}

async function showDeadLetters() {
  const answer = await ask('GET', '/admin/dead-letters');
  isListed = answer.status === 200;
  if (!isListed) {
    return;
  }
  const all = answer.body.dead_letters;
  at('retry-all').hidden = all.length < 2;
  part('dead-letters', all, () => deadLetters(all));
}

function deadLetters(all) {
  if (all.length === 0) {
    return [element('p', 'None.', 'quiet')];
  }
  const rows = all.slice(0, MOST_LISTED).map(each => element('tr', [
    element('td', timeOf(each.buried), 'time'),
    element('td', String(each.user_id)),
    element('td', each.block_key ?? 'reset of ' + each.course_key),
    element('td', each.completion === undefined ? '' : String(each.completion)),
    element('td', each.cause),
    element('td', [button('Retry', each.id, retry), ' ', button('Drop', each.id, drop)], 'acts'),
  ]));
  const shown = [table('Dead letters', ['Since', 'Learner', 'Block', 'Completion', 'Cause', 'Do'], rows)];
  if (all.length > MOST_LISTED) {
    shown.push(element('p', `The oldest ${MOST_LISTED} of ${all.length} or more.`, 'quiet'));
  }
  return shown;
}

function button(label, id, action) {
  const made = element('button', label);
  made.type = 'button';
  made.setAttribute('aria-label', `${label} dead letter ${id}`);
  made.addEventListener('click', () => action(id));
  return made;
}

async function showSettings() {
  const answer = await ask('GET', '/admin/config');
  if (answer.status === 200) {
    const all = answer.body.settings;
    part('settings-table', all, () => [table('Settings', ['Key', 'Value', 'From', 'A change takes effect'],
        all.map(each => element('tr', [
          element('td', element('code', each.key)),
          element('td', each.value === null ? '' : String(each.value)),
          element('td', each.origin),
          element('td', each.awaiting_restart !== undefined ? 'with the next start: ' + each.awaiting_restart
              : each.reloads ? 'at once' : 'with the next start'),
        ])))]);
  }
}

function outcome(good, what) {
  at('outcome').className = good ? 'good' : 'bad';
  text('outcome', `${clock(new Date())}: ${what}`);
}

/** Asks the service for something, with its button out of use until it has answered. */
async function act(pressed, method, path, done) {
  pressed.disabled = true;
  try {
    const answer = await ask(method, path);
    if (answer.status === 200) {
      outcome(true, done(answer.body));
    } else {
      const why = answer.body === null ? 'the service does not answer' : answer.body.reason ?? 'answer ' + answer.status;
      outcome(false, `Not done: ${why}.`.replace('..', '.'));
    }
    return answer;
  } finally {
    pressed.disabled = false;
  }
}

/** Resolves to whether the question was answered with yes. */
function sure(title, question, yes) {
  const dialog = at('ask');
  text('ask-title', title);
  text('ask-text', question);
  text('ask-yes', yes);
  return new Promise(resolve => {
    const end = answer => {
      dialog.onclose = null;
      dialog.close();
      resolve(answer);
    };
    at('ask-yes').onclick = () => end(true);
    at('ask-no').onclick = () => end(false);
    dialog.onclose = () => resolve(false);
    dialog.showModal();
    at('ask-no').focus();
  });
}

async function retry(id) {
  await act(at('retry-all'), 'POST', `/admin/dead-letters/${id}/retry`, () => `Dead letter ${id} is in the table now.`);
  await showDeadLetters();
}

async function drop(id) {
  if (await sure('Drop this dead letter?', 'The write that it holds is gone for good then.', 'Drop it')) {
    await act(at('retry-all'), 'DELETE', `/admin/dead-letters/${id}`, () => `Dead letter ${id} was dropped.`);
    await showDeadLetters();
  }
}

async function retryAll() {
  at('retry-all').disabled = true;
  let tried = 0;
  let stored = 0;
  let last = '0';
  for (;;) {
    const list = await ask('GET', '/admin/dead-letters?after=' + last);
    if (list.status !== 200 || list.body.dead_letters.length === 0) {
      break;
    }
    for (const each of list.body.dead_letters) {
      const answer = await ask('POST', `/admin/dead-letters/${each.id}/retry`);
      tried++;
      stored += answer.status === 200 ? 1 : 0;
      last = each.id;
    }
  }
  at('retry-all').disabled = false;
  outcome(stored === tried, `${whole.format(stored)} of ${counted(tried, 'dead letter is', 'dead letters are')} in the table now.`);
  await showDeadLetters();
}

function left(body) {
  return counted(body.pending_keys, 'key waits.', 'keys wait.');
}

at('flush').addEventListener('click', event =>
  act(event.currentTarget, 'POST', '/admin/flush', body => 'Everything accepted before is in the table. ' + left(body)));
at('pause').addEventListener('click', async event => {
  const pressed = event.currentTarget;
  if (status !== null && status.flushing.paused) {
    await act(pressed, 'POST', '/admin/resume', body => 'Flushing goes on. ' + left(body));
  } else if (await sure('Pause flushing?', 'Writes are still taken and made durable, but nothing reaches the table until'
      + ' flushing is resumed, and the buffer fills. A restart resumes it too.', 'Pause it')) {
    await act(pressed, 'POST', '/admin/pause', body => 'Flushing is paused. ' + left(body));
  }
});
at('reload').addEventListener('click', event =>
  act(event.currentTarget, 'POST', '/admin/reload', body => {
    const changed = body.changed.map(each => `${each.key} ${each.from} → ${each.to}`);
    return changed.length === 0 ? 'The settings were read again: nothing has changed.'
      : 'In force now: ' + changed.join(', ') + '.';
  }));
at('retry-all').addEventListener('click', retryAll);
at('span').addEventListener('change', showFigures);
at('settings').addEventListener('toggle', event => event.currentTarget.open && showSettings());

listen({
  event(name, data) {
    if (name === 'history') {
      takeHistory(data);
    } else if (name === 'sample') {
      takeSample(data);
    } else if (name === 'status') {
      showStatus(data);
    }
  },
  live() {
    text('link', 'Live');
    at('link').className = '';
  },
  lost(reason) {
    text('link', `Not connected: ${reason}. What is shown is old.`);
    at('link').className = 'lost';
  },
  token(isWrong) {
    return new Promise(resolve => {
      text('token-wrong', isWrong ? 'That one is not right.' : '');
      at('token').oncancel = event => event.preventDefault();
      at('token-value').onkeydown = event => event.key === 'Enter' && at('token-use').click();
      at('token-use').onclick = () => {
        const token = at('token-value').value.trim();
        if (!/^[!-~]+$/.test(token)) {
          text('token-wrong', 'A token has letters, digits and signs of ASCII alone.');
          return;
        }
        useToken(token);
        at('token-value').value = '';
        at('token').close();
        resolve();
      };
      at('token').showModal();
    });
  },
});
