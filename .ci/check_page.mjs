// Compares the page of a check, as a browser shows it, with its report as JSON: check_page.mjs CHROMIUM PAGE JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, page_file, json_file] = process.argv.slice(2);
const report = JSON.parse(readFileSync(json_file, 'utf8'));
// No sandbox: machines of CI often run as root. The page is our own and asks for nothing.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(pathToFileURL(page_file).href);
  assert.equal(await page.locator('tbody tr').count(), report.laws.length, 'a row for each law');
  const heads = report.findings.filter((finding) => !finding.below);
  const cards = page.locator('article');
  assert.equal(await cards.count(), heads.length, 'a card for each finding that stands below no other');
  const drawn = { object: 0, list: 0, exchange: 0 };
  for (const [place, finding] of heads.entries()) {
    const card = cards.nth(place);
    const text = await card.innerText();
    for (const told of [finding.id, finding.expected, finding.actual, finding.consequence, finding.replay, finding.known ?? '']) {
      assert.ok(text.includes(told), `${told} in ${text}`);
    }
    const kinds = { object: 'The object', list: 'The part list', exchange: 'The exchange' };
    for (const [kind, heading] of Object.entries(kinds)) {
      drawn[kind] += await card.getByRole('heading', { name: heading, exact: true }).count();
    }
    assert.equal(await card.getByRole('img', { name: /The object's parts/ }).count(), finding.object ? 1 : 0, finding.id);
    assert.equal(await card.getByRole('img', { name: /The part list/ }).count(), finding.list ? 1 : 0, finding.id);
    const button = card.getByRole('button', { name: 'Copy the line' });
    await button.focus();
    await page.keyboard.press('Enter');
    await card.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), finding.replay, 'what is copied');
  }
  assert.equal(await page.locator('article.known').count(), heads.filter((finding) => finding.known).length, 'what is known is shown so');
  assert.ok(heads.some((finding) => finding.known), 'a known finding to see');
  for (const [kind, count] of Object.entries(drawn)) assert.ok(count > 0, `a drawing of ${kind}`);
  assert.ok((await page.locator('details[open] summary').innerText()).startsWith('✗ '), 'the request that is meant is open');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('details:not([open]) pre').first().evaluate((pre) => pre.checkVisibility({ contentVisibilityAuto: true })), 'in print all is open');

  const still = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await still.goto(pathToFileURL(page_file).href);
  assert.ok(await still.getByText(heads[0].replay).isVisible(), 'the line is there without a script');
  assert.equal(await still.getByRole('button').count(), 0, 'and no button that does nothing');
  console.log(`${report.laws.length} laws, ${heads.length} findings, drawings: ${JSON.stringify(drawn)}`);
} finally {
  await browser.close();
}
