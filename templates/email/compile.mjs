// Compiles email.mjml to ../email.html, the layout that the program fills. MJML knows no values of ours in attributes, so some
// stand in for them in the source and are put in place here.
import { readFileSync, writeFileSync } from 'node:fs';
import mjml2html from 'mjml';

const source = readFileSync(new URL('email.mjml', import.meta.url), 'utf8');
const { html, errors } = await mjml2html(source, { validationLevel: 'strict', fonts: {}, keepComments: false });
if (errors.length > 0) throw new Error(errors.map(e => e.formattedMessage).join('\n'));

const places = [
  ['lang="LANG"', 'lang="{{.Lang}}"'], ['dir="DIR"', 'dir="{{.Dir}}"'], ['href="LINK"', 'href="{{.Link}}"'],
  ['#accacc', '{{.Accent}}'], ['#0acc0a', '{{.OnAccent}}'], ['ON_ACCENT', '{{.OnAccent}}'], ['#bbb0bb', '{{.Button}}'],
  ['LABEL_PAD', '{{$.LabelPad}}'], ['text-align:START', 'text-align:{{.Start}}'],
];

// What only Outlook on Windows reads holds no values.
const conditional = /(?:(?:<!--\[if [\s\S]*?<!\[endif\]-->|<!--<!\[endif\]-->)\s*)+/g;
let out = html.replace(conditional, text => text.replace(/\s+/g, ' ').replaceAll(' bgcolor="#accacc"', '').trim());
// The direction of the text says on which side it begins.
out = out.replaceAll('text-align:left;direction:ltr', 'text-align:START;direction:{{.Dir}}').replaceAll('align="left" ', '').replace(/text-align:left;?/g, '');
out = places.reduce((text, [stand, value]) => text.replaceAll(stand, value), out);
// Each mail carries the layout: no more white space than a reader of the source needs, and no fonts but one list a table.
out = out.replace(/\s+/g, ' ').replace(/> </g, '><').replace(/ >/g, '>').replace(/;\s*"/g, '"').replace(/(<(?:style|body|\/style|\/head|div|table|tr)\b)/g, '\n$1');
writeFileSync(new URL('../email.html', import.meta.url), out.trim() + '\n');
