// How figures are written, and what lists are made of.

export const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

export function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return (unit === 0 || bytes >= 100 ? whole.format(bytes) : bytes.toFixed(1)) + ' ' + units[unit];
}

export function duration(seconds) {
  if (seconds === 0) {
    return '0 s';
  }
  if (seconds < 1) {
    return whole.format(seconds * 1000) + ' ms';
  }
  if (seconds < 60) {
    return seconds.toFixed(1) + ' s';
  }
  if (seconds < 3600) {
    return Math.floor(seconds / 60) + ' min ' + Math.floor(seconds % 60) + ' s';
  }
  return Math.floor(seconds / 3600) + ' h ' + Math.floor(seconds % 3600 / 60) + ' min';
}

export function rate(value) {
  return value === null || value === undefined ? '–' : whole.format(value) + '/s';
}

export function clock(date) {
  return date.toLocaleTimeString([], {hourCycle: 'h23'});
}

export function counted(count, one, more) {
  return whole.format(count) + ' ' + (count === 1 ? one : more);
}

export function timeOf(instant) {
  const date = new Date(instant);
  const time = element('time', clock(date));
  time.dateTime = instant;
  time.title = date.toLocaleString();
  return time;
}

export function element(name, content, className) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  made.append(...(Array.isArray(content) ? content : [content]));
  return made;
}

export function table(caption, heads, rows) {
  const head = element('tr', heads.map(name => {
    const cell = element('th', name);
    cell.scope = 'col';
    return cell;
  }));
  const made = element('table', [element('thead', head), element('tbody', rows)], 'list');
  made.setAttribute('aria-label', caption);
  const scroll = element('div', made, 'scroll');
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', caption + ', as a table');
  return scroll;
}
