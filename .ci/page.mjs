// Opens pages as people do, and demands of each what all have: page.mjs CHROMIUM PAGE... [--pictures FOLDER]
// Light and dark, on a wide screen and on a phone, in print: nothing is asked for, nothing fails, nothing is wider than the screen, every drawing and every
// box that scrolls has a name, headings are in order, texts stand out from what is behind them.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, ...rest] = process.argv.slice(2);
const at = rest.indexOf('--pictures');
const [files, folder] = at < 0 ? [rest, null] : [rest.slice(0, at), rest[at + 1]];

// In the page: the contrast of a text with what is behind it, by WCAG 2.
function contrasts() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const weak = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'STYLE', 'title', 'desc'].includes(element.tagName) || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [one, other] = [rgba(element instanceof SVGElement ? style.fill : style.color), behind(element)].map((rgb) => luminance(rgb.slice(0, 3)));
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
  }
  return weak;
}

// No sandbox: machines of CI often run as root. The page is our own and asks for nothing.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const file of files) {
    let drawings = 0;
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1200, 360]) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
        const requests = [];
        const errors = [];
        page.on('request', (request) => requests.push(request.url()));
        page.on('pageerror', (error) => errors.push(String(error)));
        page.on('console', (message) => errors.push(message.text()));
        await page.goto(pathToFileURL(file).href);
        const where = `${basename(file)}, ${colorScheme}, ${width} px`;

        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${where}: ${wide} px wide`);
        const images = await page.locator('svg').all();
        drawings = images.length;
        for (const image of images) {
          assert.equal(await image.getAttribute('role'), 'img', where);
          const named = (await image.getAttribute('aria-label')) ?? (await image.getAttribute('aria-labelledby'));
          assert.ok(named, `${where}: a drawing without a name`);
          for (const id of (await image.getAttribute('aria-labelledby'))?.split(' ') ?? []) {
            assert.ok((await page.locator(`[id="${id}"]`).textContent()).trim(), `${where}: ${id} names nothing`);
          }
        }
        for (const box of await page.locator('.wide').all()) {
          assert.equal(await box.getAttribute('tabindex'), '0', where);
          assert.ok(await box.getAttribute('aria-label'), where);
        }
        const levels = await page.evaluate(() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((heading) => Number(heading.tagName[1])));
        assert.equal(levels[0], 1, `${where}: ${levels}`);
        assert.ok(levels.every((level, place) => place === 0 || (level > 1 && level <= levels[place - 1] + 1)), `${where}: ${levels}`);
        const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((element) => element.id));
        assert.equal(new Set(ids).size, ids.length, `${where}: an id twice`);
        assert.deepEqual(await page.evaluate(contrasts), [], where);
        assert.equal(requests.length, 1, `${where}: no request beside the page: ${requests}`);
        assert.deepEqual(errors, [], where);
        if (folder && colorScheme === 'light' && width === 1200) {
          const path = join(folder, basename(file).replace('.html', '.png'));
          await page.screenshot({ path });
          assert.ok(statSync(path).size <= 150_000, `${path}: ${statSync(path).size} bytes, the most are 150,000`);
        } else if (!folder) {
          await page.screenshot({ path: file.replace('.html', `-${colorScheme}-${width}.png`), fullPage: true });
        }
        await page.emulateMedia({ media: 'print' });
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(paper, 'rgb(255, 255, 255)', `${where}: paper is white`);
        await page.close();
      }
    }
    console.log(`${basename(file)}: light, dark, wide, narrow, in print; ${drawings} drawings, each with a name, in Chromium ${browser.version()}`);
  }
} finally {
  await browser.close();
}
