// Prints the public holidays of every market, and Ramadan, as the table that package calendar embeds: 'make holidays'.
// Packages are pinned by package-lock.json, so that the same checkout gives the same bytes, on any machine and in any zone.
//
// What counts: days of type 'public', on which a country or a region is shut by law. The United Kingdom's bank holidays and
// the federal holidays of the United States are of that type too; what the data set calls 'bank' is a day on which only
// banks close. Days that begin at noon or in the evening do not count. Municipalities and other second levels are left out.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Holidays from 'date-holidays'

const first = 2026
const last = 2036
const markets = (
  'AE AR AT AU BE BR CA CH CL CO CZ DE DK EG ES FI FR GB GR HK ID IE IL IN ' +
  'IT JP KR LU MA MX MY NL NO NZ PH PL PT RO RS SA SE SG TH TR TW US VN ZA'
).split(' ')

// renamed are regions the data set knows by a code that ISO 3166-2 no longer has. Two of one name are taken together.
const renamed = {
  CL: { NU: 'NB' },
  FR: { GP: '971', MQ: '972', GF: '973', RE: '974', YT: '976' },
  IN: { CT: 'CG', DD: 'DH', DN: 'DH', OR: 'OD', TG: 'TS', UT: 'UK' },
}

// foreign are the data set's regions that are none of ISO 3166-2, or not of this country: the German-speaking Community is
// no region of Belgium, Alderney is none of the United Kingdom.
const foreign = { BE: ['DE'], GB: ['ALD'] }

// whole are countries of which the data set has every region; of others it has some, mostly those with days of their own.
const whole = ['AT', 'AU', 'BE', 'BR', 'CA', 'CH', 'DE', 'ES', 'GB', 'MY', 'NZ', 'US']

// corrections mend mistakes of date-holidays 3.37.0; take out what a later version has mended.
const corrections = [
  // The three days around the lunar new year begin on its eve (Regulation on Holidays of Public Offices, article 2); the
  // data set's own comment says that its span starts a day late (issue 640).
  ({ country, holiday }) => country === 'KR' && holiday.rule.startsWith('korean 01-0-01 P3D') ? { daysEarlier: 1 } : {},
  // Law 14.759 of 2023 made 20 November a holiday of the whole country. The data set ends it for the states that had it before.
  ({ country, holiday }) => country === 'BR' && holiday.rule.startsWith('11-20') ? { everywhere: true } : {},
  // The Fair Work Act 2009, section 115, has 25 December everywhere. The data set moves it away from Saturdays for some states.
  ({ country, holiday }) => country === 'AU' && holiday.rule.startsWith('12-25 and') ? { everywhere: true } : {},
]

const day = 24 * 60 * 60 * 1000
const require = createRequire(import.meta.url)
const dataset = require.resolve('date-holidays/package.json').replace(/package\.json$/, '')
const { version } = JSON.parse(readFileSync(dataset + 'package.json', 'utf8'))

const text = (date) => date.toISOString().slice(0, 10)
const inRange = (d) => d >= `${first}-01-01` && d <= `${last}-12-31`
const sorted = (list) => [...new Set(list)].sort()

// corrected gives what the corrections say of a holiday, together.
const corrected = (country, holiday) => Object.assign({}, ...corrections.map((c) => c({ country, holiday })))

// daysOf lists each day of a holiday by the calendar on the wall there. A clock change makes a day of 23 or 25 hours;
// what is left over after whole days is an evening or a morning.
function daysOf (country, holiday) {
  if (!holiday.date.includes(' 00:00:00')) return []
  const count = Math.floor((holiday.end - holiday.start + day / 24) / day)
  const start = Date.parse(holiday.date.slice(0, 10)) - day * (corrected(country, holiday).daysEarlier ?? 0)
  return Array.from({ length: count }, (_, i) => text(new Date(start + i * day)))
}

// namesOf maps the days off of a country, or of one of its regions, to their names. A day keeps its first name.
function namesOf (country, region) {
  const names = new Map()
  const calendar = new Holidays(country, region)
  for (let year = first - 1; year <= last + 1; year++) {
    for (const holiday of calendar.getHolidays(year, 'en').filter((h) => h.type === 'public')) {
      for (const d of daysOf(country, holiday).filter(inRange)) if (!names.has(d)) names.set(d, holiday.name)
    }
  }
  return names
}

// everywhere lists the days that a correction makes nationwide.
function everywhere (country) {
  const days = []
  for (let year = first; year <= last; year++) {
    for (const holiday of new Holidays(country).getHolidays(year, 'en')) {
      if (corrected(country, holiday).everywhere) days.push(...daysOf(country, holiday))
    }
  }
  return days
}

// regionsOf maps the codes of a country's regions to their days off.
function regionsOf (country) {
  const regions = new Map()
  for (const theirs of Object.keys(new Holidays().getStates(country) ?? {})) {
    if (foreign[country]?.includes(theirs)) continue
    const code = renamed[country]?.[theirs] ?? theirs
    regions.set(code, new Map([...(regions.get(code) ?? []), ...namesOf(country, theirs)]))
  }
  return regions
}

// rowsOf lists a country's holidays in order. A day off in all regions is the country's, under the country's name for it;
// in a country of which the data set does not have all regions, also the country must have it.
function rowsOf (country, regions) {
  const own = namesOf(country)
  const forced = everywhere(country)
  const all = [...regions.values()]
  const nationwide = (d) => forced.includes(d) ||
    (own.has(d) || whole.includes(country)) && all.every((names) => names.has(d))
  const rows = []
  for (const d of sorted([...own.keys(), ...all.flatMap((names) => [...names.keys()])])) {
    if (nationwide(d)) rows.push([d, '', own.get(d) ?? all[0].get(d)])
    else rows.push(...regionalRows(d, regions))
  }
  return rows
}

// regionalRows has a row for each name that regions give a day.
function regionalRows (d, regions) {
  const holders = new Map()
  for (const [code, names] of regions) {
    if (names.has(d)) holders.set(names.get(d), [...(holders.get(names.get(d)) ?? []), code])
  }
  return sorted(holders.keys()).map((name) => [d, sorted(holders.get(name)).join(' '), name])
}

// ramadans lists the first and the last day of each Ramadan by the Umm al-Qura calendar.
function ramadans () {
  const hijri = new Intl.DateTimeFormat('en-u-ca-islamic-umalqura', { month: 'numeric', timeZone: 'UTC' })
  const fasting = (time) => hijri.format(time).split(/[ /]/)[0] === '9'
  const spans = []
  for (let t = Date.UTC(first - 1, 11, 1); t <= Date.UTC(last + 1, 1, 1); t += day) {
    if (fasting(t) && !fasting(t - day)) spans.push([text(new Date(t)), ''])
    if (fasting(t) && !fasting(t + day) && spans.length > 0) spans.at(-1)[1] = text(new Date(t))
  }
  return spans.filter(([begin, end]) => inRange(begin) || inRange(end))
}

// credits lists the articles that the data of our markets relies on, as the data set names them.
const credits = () => sorted(markets.flatMap((country) =>
  [...readFileSync(`${dataset}data/countries/${country}.yaml`, 'utf8').matchAll(/^\s*# @attrib\s+(https?:\S+)/gm)].map((m) => m[1])))

function print (...fields) {
  if (fields.some((f) => /[\t\n]/.test(f))) throw new Error(`a field holds a tab or a line break: ${fields}`)
  lines.push(fields.join('\t'))
}

const lines = []
const comments = `Code generated by generate.mjs; DO NOT EDIT.
Public holidays and Ramadan, ${first} to ${last}: 'make holidays' writes this file anew.

Made from date-holidays ${version}, https://github.com/commenthol/date-holidays, by commenthol and contributors.
Its data is under CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/, and relies on the articles below; so is this file.
Changed: whole public days of ${markets.length} countries only, regions folded together, codes of regions brought up to date, and the
corrections that generate.mjs lists with their reasons.

The data set lacks feasts whose dates are not known so far ahead: Thailand's of the lunar calendar, Vesak in Malaysia and Singapore
and Thaipusam from 2027; Nyepi and Vesak in Indonesia from 2028; Deepavali in Malaysia and Singapore from 2031. Of India's it
has the fixed dates and Good Friday. What a government adds for one year is there once the data set has it. Feasts of the Islamic
calendar are calculated; a sighting of the moon may move them by a day, and Ramadan (by the Umm al-Qura calendar) too.

Fields are parted by tabs. A line is 'version', name, first day, last day; or 'ramadan', first day, last day; or 'regions', country,
those the data set knows; or country, day, regions (none: the whole country), name.

Relies on:`
for (const line of [...comments.split('\n'), ...credits()]) lines.push(`# ${line}`.trimEnd())
print('version', `date-holidays ${version}`, `${first}-01-01`, `${last}-12-31`)
for (const [begin, end] of ramadans()) print('ramadan', begin, end)
for (const country of markets) {
  const regions = regionsOf(country)
  if (regions.size > 0) print('regions', country, sorted(regions.keys()).join(' '))
  for (const row of rowsOf(country, regions)) print(country, ...row)
}
process.stdout.write(lines.join('\n') + '\n')
