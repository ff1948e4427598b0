// Writes ../cldr.go and ../territories/*.txt from the JSON packages of Unicode's CLDR. Run by `make cldr`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const packages = Object.fromEntries(['core', 'dates-full', 'localenames-full', 'misc-full', 'numbers-full', 'units-full']
  .map(name => [name, dirname(require.resolve(`cldr-${name}/package.json`))]));
const read = (name, path) => JSON.parse(readFileSync(join(packages[name], path), 'utf8'));
const version = read('core', 'package.json').version;

// Our locales and CLDR's names for those that differ. Plain "en" is English of no country, written as in Britain, on the clock of
// the world: CLDR's own "en" is American, and its "en-001" puts a comma after each weekday.
const cldrName = { 'en': 'en-GB', 'en-US': 'en', 'pt-BR': 'pt', 'zh-Hans': 'zh' };
const locales = ['en', 'en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN', 'en-IE', 'en-NZ', 'en-SG', 'en-MY', 'en-PH', 'en-ZA', 'en-HK', 'en-AE', 'en-IL',
  'de', 'de-AT', 'de-CH', 'fr', 'fr-BE', 'fr-CA', 'fr-CH', 'fr-LU', 'fr-MA', 'it', 'it-CH', 'es', 'es-419', 'es-MX', 'es-AR', 'es-CL', 'es-CO', 'es-US',
  'pt-BR', 'pt-PT', 'nl', 'nl-BE', 'pl', 'cs', 'ro', 'el', 'sv', 'sv-FI', 'da', 'nb', 'fi', 'ru', 'uk', 'tr', 'ar', 'ar-AE', 'ar-SA', 'ar-EG', 'ar-MA',
  'he', 'hi', 'ja', 'ko', 'th', 'vi', 'id', 'ms', 'fil', 'zh-Hans', 'zh-Hans-SG', 'zh-Hans-MY', 'zh-Hant', 'zh-Hant-HK', 'sr-Latn'];

const timeData = read('core', 'supplemental/timeData.json').supplemental.timeData;
const likely = read('core', 'supplemental/likelySubtags.json').supplemental.likelySubtags;

// regionOf is the country of a locale, said or likely; 001 for English of no country and 419 as they are.
function regionOf(locale) {
  if (locale === 'en') return '001';
  const said = locale.split('-').find(part => /^([A-Z]{2}|\d{3})$/.test(part));
  return said || (likely[locale] || likely[locale.split('-')[0]]).split('-').at(-1);
}

// twelve reports whether a region prefers a clock of twelve hours, or a language in it does: Quebec counts to 24, the rest of Canada to
// 12. Latin America is written as Mexico does.
function twelve(locale) {
  const region = regionOf(locale);
  const language = locale.split('-')[0];
  // English of no country keeps the clock of the world, which nobody misreads.
  const data = (region !== '001' && timeData[`${language}-${region}`]) || timeData[region === '419' ? 'MX' : region] || timeData['001'];
  return data._preferred.startsWith('h') || data._preferred === 'K';
}

const forms = (unit, prefix) => Object.fromEntries(Object.entries(unit).filter(([k]) => k.startsWith(prefix)).map(([k, v]) => [k.slice(prefix.length), v]));

function style(locale) {
  const name = cldrName[locale] || locale;
  const main = (pkg, file) => read(pkg, `main/${name}/${file}.json`).main[name];
  const dates = main('dates-full', 'ca-gregorian').dates.calendars.gregorian;
  const fields = main('dates-full', 'dateFields').dates.fields;
  const numbers = main('numbers-full', 'numbers').numbers;
  const list = main('misc-full', 'listPatterns').listPatterns['listPattern-type-standard'];
  const available = dates.dateTimeFormats.availableFormats, intervals = dates.dateTimeFormats.intervalFormats;
  const names = (kind, width) => Object.values(dates[kind].format[width]);
  // An era is named nowhere: only Thai does, and its years say which they are. Words for the part of a day differ too much from one language to the next to be put before a time; morning and afternoon do.
  const pattern = p => (p._value || p).replaceAll('B', 'a').replaceAll('G y', 'y');
  const base = locale.split('-')[0];
  const own = main('localenames-full', 'languages').localeDisplayNames.languages;
  const countries = main('localenames-full', 'territories').localeDisplayNames.territories;
  const of = own[locale] || own[name] || own[name.split('-').slice(0, 2).join('-')] || own[base];
  const called = locale === 'en' ? own.en : own[locale] || own[name] ? of : locale.split('-').length > 1 && /[A-Z]{2}$/.test(locale) ? `${of} (${countries[locale.split('-').at(-1)]})` : of;
  return {
    name: called.charAt(0).toLocaleUpperCase(locale) + called.slice(1),
    weekdays: names('days', 'abbreviated'), longDays: names('days', 'wide'),
    months: names('months', 'abbreviated'), longMonths: names('months', 'wide'),
    date: pattern(available.MMMEd), dated: pattern(available.yMMMEd), long: pattern(dates.dateFormats.full), short: pattern(available.MMMd),
    daySpan: pattern(intervals.MMMd.d), monthSpan: pattern(intervals.MMMd.M), yearSpan: pattern(intervals.yMMMd.y),
    clock24: pattern(available.Hm), clock12: pattern(available.hm), span24: pattern(intervals.Hm.H), span12: pattern(intervals.hm.h), noonSpan12: pattern(intervals.hm.a),
    am: dates.dayPeriods.format.abbreviated.am, pm: dates.dayPeriods.format.abbreviated.pm, twelve: twelve(locale),
    at: pattern(dates['dateTimeFormats-atTime'].standard.long), within: pattern(dates.dateTimeFormats.medium),
    yesterday: fields.day['relative-type--1'], today: fields.day['relative-type-0'], tomorrow: fields.day['relative-type-1'],
    listStart: list.start, listMiddle: list.middle, listEnd: list.end, listTwo: list[2],
    hoursAgo: forms(fields.hour['relativeTime-type-past'], 'relativeTimePattern-count-'),
    daysAgo: forms(fields.day['relativeTime-type-past'], 'relativeTimePattern-count-'),
    digits: numbers.defaultNumberingSystem === 'latn' ? '' : numbers.defaultNumberingSystem,
  };
}

const quote = s => JSON.stringify(s).replace(/[\u007f-\u00a0\u2000-\u206f\ufeff]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
function literal(value) {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[]string{${value.map(quote).join(', ')}}`;
  return `map[string]string{${Object.entries(value).map(([k, v]) => `${quote(k)}: ${quote(v)}`).join(', ')}}`;
}

let go = `// Code generated by locales/generate; DO NOT EDIT.
//
// Data of the Unicode Common Locale Data Repository, copyright (c) 1991-2026 Unicode, Inc., used under the Unicode License v3
// (SPDX: Unicode-3.0, https://www.unicode.org/license.txt).

package locales

// CLDRVersion is the edition of CLDR that dates, times and lists are written by.
const CLDRVersion = ${quote(version)}

// cldr are the formats of each locale.
var cldr = map[string]style{
`;
for (const locale of locales) {
  const entries = Object.entries(style(locale)).filter(([, v]) => v !== '' && v !== false);
  go += `${quote(locale)}: {\n${entries.map(([k, v]) => `${k}: ${literal(v)},`).join('\n')}\n},\n`;
}
writeFileSync(new URL('../cldr.go', import.meta.url), go + '}\n');

// The names of countries, one file for each locale whose names are its own.
const named = ['en', 'de', 'fr', 'it', 'es', 'es-419', 'pt-BR', 'pt-PT', 'nl', 'pl', 'cs', 'ro', 'el', 'sv', 'da', 'nb', 'fi', 'ru', 'uk', 'tr', 'ar', 'he', 'hi',
  'ja', 'ko', 'th', 'vi', 'id', 'ms', 'fil', 'zh-Hans', 'zh-Hant', 'zh-Hant-HK', 'sr-Latn'];
const folder = new URL('../territories/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const locale of named) {
  const name = cldrName[locale] || locale;
  const territories = read('localenames-full', `main/${name}/territories.json`).main[name].localeDisplayNames.territories;
  const lines = Object.entries(territories).filter(([code, said]) => /^[A-Z]{2}$/.test(code) && said !== code).map(([code, said]) => `${code} ${said}\n`);
  writeFileSync(new URL(`${locale}.txt`, folder), `# Unicode CLDR ${version}, (c) Unicode, Inc., Unicode License v3; written by locales/generate\n${lines.join('')}`);
}
