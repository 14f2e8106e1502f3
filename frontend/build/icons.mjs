// Draws the PNG icons from public/favicon.svg with the system's Chromium. Run after changing the mark:
//   node build/icons.mjs
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const folder = new URL('../public/', import.meta.url).pathname;
const svg = readFileSync(`${folder}favicon.svg`, 'utf8');
/** Android and iOS cut the corners themselves. */
const square = svg.replace(' rx="116"', '');
/** What a mask of any shape leaves is a circle of 80 % of the width: the whole mark has to fit into it. */
const maskable = square.replace(
  'id="mark"',
  'id="mark" transform="translate(256 256) scale(.84) translate(-256 -262)"',
);
/** Android paints the status bar icon in one colour through its alpha, so the ear is a hole. */
const badge = svg
  .replace(/<rect[^>]*>/, '')
  .replace(
    '</defs>',
    `<mask id="hole"><rect width="512" height="512" fill="#fff"/>${/<g id="ear"[\s\S]*?<\/g>/.exec(svg)[0].replace('#1d5566', '#000')}</mask></defs>`,
  )
  .replace(/(<g id="mark">[\s\S]*?)<g id="ear"[\s\S]*?<\/g>/, '$1')
  .replace('id="mark"', 'id="mark" mask="url(#hole)" transform="translate(256 256) scale(1.3) translate(-256 -268)"')
  .replace('#fffaf2', '#fff');

const icons = [
  ['icon-192.png', svg, 192],
  ['icon-512.png', svg, 512],
  ['icon-maskable-512.png', maskable, 512],
  ['apple-touch-icon.png', square, 180],
  ['badge-96.png', badge, 96],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromiumSandbox: false,
});
for (const [name, source, size] of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>html,body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${source}`);
  await page.screenshot({ path: `${folder}${name}`, omitBackground: true });
  await page.close();
}
await browser.close();
