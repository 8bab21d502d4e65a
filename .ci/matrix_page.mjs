// Compares the page of a matrix, as a browser shows it, with the matrix as JSON: matrix_page.mjs CHROMIUM PAGE JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, page_file, json_file] = process.argv.slice(2);
const matrix = JSON.parse(readFileSync(json_file, 'utf8'));
// No sandbox: machines of CI often run as root. The page is our own and asks for nothing.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(page_file).href);

  const rows = page.locator('tbody tr');
  assert.equal(await rows.count(), matrix.subjects.length, 'a row for each writer');
  const open = page.locator('section:popover-open');
  let findings = 0;
  for (const cell of matrix.cells) {
    const row = matrix.subjects.indexOf(cell.writer);
    const column = matrix.subjects.indexOf(cell.reader);
    const button = rows.nth(row).locator('td').nth(column).locator('button');
    assert.equal(await open.count(), 0, 'nothing is open before a click');
    await button.click();
    assert.equal(await open.count(), 1, `a click opens what ${cell.reader} reads of ${cell.writer}`);
    const text = await open.innerText();
    for (const told of [cell.writer, cell.reader, ...cell.findings.flatMap((finding) => [finding.symptom, finding.replay])]) {
      assert.ok(text.includes(told), `${told} in ${text}`);
    }
    assert.equal(await open.locator('h3').count(), cell.findings.length, 'a heading for each finding');
    findings += cell.findings.length;
    await open.getByRole('button', { name: 'close' }).click();
  }
  assert.ok(findings > 0, 'findings to open');
  console.log(`${matrix.cells.length} cells open, with ${findings} findings`);
} finally {
  await browser.close();
}
