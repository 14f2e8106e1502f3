// Looks whether this browser trusts Hark by fetching from its HTTPS address, until it does. The pairing code comes
// in the fragment and stays in the browser.
const origin = document.body.dataset.origin;
const code = new URLSearchParams(location.hash.slice(1)).get('pair');
const system = systemOf(navigator.userAgent);
const state = document.getElementById('state');

for (const all of document.querySelectorAll('.system')) all.open = all.dataset.system === system;
for (const one of document.querySelectorAll('[data-for]')) one.hidden = !fits(one.dataset.for);
if (code) {
  for (const place of document.querySelectorAll('[data-code]')) place.textContent = code;
  const go = document.getElementById('go');
  if (go) go.href = `${origin}/#pair=${encodeURIComponent(code)}`;
}
const mine = document.querySelector(`.system[data-system="${system}"]`);
mine?.parentElement.insertBefore(mine, document.querySelector('.system'));

if (state) {
  void watch();
  document.addEventListener('visibilitychange', () => document.hidden || void look());
}

async function watch() {
  while (!(await look())) await new Promise((done) => setTimeout(done, 3000));
}

async function look() {
  const good = await fetch(`${origin}/trust/ok`, { cache: 'no-store', credentials: 'omit' }).then(
    (answer) => answer.ok,
    () => false,
  );
  state.dataset.state = good ? 'good' : 'not';
  const say = document.getElementById('say');
  const words = good ? 'This device trusts Hark.' : 'This device does not trust Hark yet. This page sees when it does.';
  if (say.textContent !== words) say.textContent = words;
  document.getElementById('open').hidden = !good;
  document.getElementById('how').hidden = good;
  return good;
}

/** @param {string} agent */
function systemOf(agent) {
  if (/iPhone|iPad|iPod/.test(agent) || (agent.includes('Macintosh') && navigator.maxTouchPoints > 1)) return 'ios';
  if (agent.includes('Android')) return 'android';
  if (agent.includes('Windows')) return 'windows';
  return agent.includes('Macintosh') ? 'mac' : 'linux';
}

/** @param {string} who */
function fits(who) {
  if (who === 'other') return system !== 'ios';
  if (who === 'desktop') return ['windows', 'mac', 'linux'].includes(system);
  return who === system;
}
