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
  const page = await browser.newPage();
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
  console.log(`${bench.rows.length} rows`);
} finally {
  await browser.close();
}
