// Compares the page of a comparison, as a browser shows it, with the comparison as JSON: bench_page.mjs CHROMIUM PAGE JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, page_file, json_file] = process.argv.slice(2);
const bench = JSON.parse(readFileSync(json_file, 'utf8'));
// No sandbox: machines of CI often run as root. The page is our own and asks for nothing.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 900, height: 1200 } });
    const requests = [];
    const errors = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => errors.push(message.text()));
    await page.goto(pathToFileURL(page_file).href);

    const text = await page.locator('body').innerText();
    assert.ok(text.includes(bench.new) && text.includes(bench.old), 'both are named');
    const measured = bench.rows.filter((row) => row.ratio);
    assert.ok(measured.length > 0, 'rows to see');
    const forest = page.getByRole('img', { name: 'Ratios of new to old' });
    assert.equal(await forest.locator('circle').count(), measured.length, 'a ratio for each row');
    for (const row of measured) {
      assert.ok(text.includes(row.name), row.name);
      const samples = page.getByRole('img', { name: `Samples of ${row.name}`, exact: true });
      assert.equal(await samples.locator('circle').count(), 2 * row.pairs, `each sample of ${row.name}`);
    }
    assert.ok((await page.getByRole('img', { name: 'Growth of plan' }).count()) === 1, 'how plans grow');
    // Nothing is drawn outside its picture.
    for (const circle of await page.locator('svg circle').all()) {
      const [x, y] = [Number(await circle.getAttribute('cx')), Number(await circle.getAttribute('cy'))];
      assert.ok(x >= 0 && x <= 640 && y >= 0, `${x}, ${y}`);
    }
    await page.screenshot({ path: page_file.replace('.html', `-${colorScheme}.png`), fullPage: true });
    assert.equal(requests.length, 1, `no request beside the page: ${requests}`);
    assert.deepEqual(errors, []);
  }
  console.log(`${bench.rows.length} rows, light and dark, in Chromium ${browser.version()}`);
} finally {
  await browser.close();
}
