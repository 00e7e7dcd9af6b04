// The charts: what they show of the samples, and how they are drawn.
/* global uPlot */

const HEIGHT = 190;

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const number = new Intl.NumberFormat('en', {maximumSignificantDigits: 3, notation: 'compact'});

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], {hourCycle: 'h23'});
}

function shown(value) {
  return value === null || value === undefined ? '–' : number.format(value);
}

/** One chart: series are [label, colour, dashed]. */
class Chart {
  constructor(place, series) {
    this.place = place;
    this.series = series;
    this.data = [[], ...series.map(() => [])];
    this.draw();
    new ResizeObserver(() => this.plot.setSize({width: this.width(), height: HEIGHT})).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.plot.destroy();
      this.draw();
    });
  }

  width() {
    return Math.max(200, this.place.clientWidth);
  }

  draw() {
    const axis = {stroke: color('--soft'), grid: {stroke: color('--line'), width: 1}, ticks: {stroke: color('--line')}};
    this.plot = new uPlot({
      width: this.width(),
      height: HEIGHT,
      cursor: {drag: {x: false, y: false}, sync: {key: 'time'}},
      scales: {y: {range: (chart, least, most) => [0, Math.max(most * 1.1, this.least ?? 1)]}},
      axes: [{...axis, space: 90, values: (chart, ticks) => ticks.map(clock)}, {...axis, size: 55, values: (chart, ticks) => ticks.map(shown)}],
      series: [
        {value: (chart, at) => at === null ? '–' : clock(at)},
        ...this.series.map(([label, name, dashed]) => ({
          label, stroke: color(name), width: 2, dash: dashed ? [6, 4] : undefined, points: {show: false},
          spanGaps: false, value: (chart, value) => shown(value),
        })),
      ],
    }, this.data, this.place);
  }

  show(times, columns, from, to) {
    this.data = [times, ...columns];
    this.plot.batch(() => {
      this.plot.setData(this.data, false);
      this.plot.setScale('x', {min: from, max: to});
    });
  }
}

export class Charts {
  constructor() {
    const at = id => document.getElementById(id);
    this.rate = new Chart(at('rate-chart'), [['accepted', '--first'], ['rows', '--second']]);
    this.keys = new Chart(at('keys-chart'), [['waiting', '--first']]);
    this.age = new Chart(at('age-chart'), [['oldest', '--first'], ['interval', '--second', true]]);
    this.age.least = 0.1;
    this.time = new Chart(at('time-chart'), [['flush', '--first'], ['journal', '--second']]);
  }

  show(figures, seconds) {
    const to = figures.length === 0 ? Date.now() / 1000 : figures[figures.length - 1].at;
    const from = to - seconds;
    const shownOnes = figures.filter(each => each.at >= from - 2);
    const times = shownOnes.map(each => each.at);
    const column = name => shownOnes.map(each => each[name]);
    this.rate.show(times, [column('accepted'), column('rows')], from, to);
    this.keys.show(times, [column('keys')], from, to);
    this.age.show(times, [column('oldest'), column('interval')], from, to);
    this.time.show(times, [column('flushMs'), column('syncMs')], from, to);
  }
}
