// Holds an e-mail as it is sent against the public table of what mail clients support (caniemail.com), and fails on what a client
// does not know and this file does not excuse. Usage: node check.mjs FILE...
import { readFileSync } from 'node:fs';
import { caniemail } from 'caniemail';

// The clients most customers read with.
const clients = ['apple-mail.*', 'gmail.*', 'outlook.windows', 'outlook.windows-mail', 'outlook.macos', 'outlook.ios', 'outlook.android', 'outlook.outlook-com',
  'yahoo.*', 'samsung-email.*'];

// What is lost where a client does not know it, and why that does no harm. What no mail uses any more has no place here.
const styled = 'all that the layout needs stands in style attributes; the mail stays light and its paddings wide';
const preview = 'the line for the list of mails is one white pixel high all the same';
const excused = {
  '<style> element': styled, '@media': styled, 'ID selector': styled, 'Type selector': styled, 'Class selector': styled, 'Attribute selector': styled,
  'Chaining selectors': styled, 'Child combinator': styled, 'Descendant combinator': styled,
  'color-scheme CSS property': 'the mail stays light', 'color-scheme meta tag': 'the mail stays light',
  'display:none': preview, 'opacity': preview, 'max-height property': preview, 'overflow': preview,
  '<body> element': 'the page behind the card has its colour from tables too', 'height property': 'a bar is as high as its line',
  'border-radius': 'corners are square', 'cursor': 'a pointer looks as it does', 'outline': 'images have none', 'word-break': 'long words stay whole',
  'word-spacing': 'words are as far apart as usual', 'table-layout': 'stages of the way are as wide as their names',
  'target attribute': 'the client decides where a link opens', 'aria-label attribute': 'a screen reader reads the title instead',
  'role attribute': 'a screen reader names the tables',
};

let failed = false;
const used = new Set();
for (const file of process.argv.slice(2)) {
  const result = caniemail({ clients, html: readFileSync(file, 'utf8') });
  const unknown = new Map();
  for (const [client, issues] of result.issues.errors ?? new Map()) {
    for (const issue of issues) {
      used.add(issue.title);
      if (!excused[issue.title]) unknown.set(issue.title, (unknown.get(issue.title) ?? new Set()).add(client));
    }
  }
  for (const [title, where] of unknown) { failed = true; console.error(`${file}: ${title} is not known to ${[...where].join(', ')}`); }
}
for (const title of Object.keys(excused).filter(e => !used.has(e))) { failed = true; console.error(`nothing uses ${title} any more; remove it from check.mjs`); }
if (failed) { console.error('Use what they know, or excuse it in check.mjs with what is lost.'); process.exit(1); }
console.log(`${process.argv.length - 2} mails use nothing that a mail client would trip over`);
