import { z } from 'zod';
import dayjs from 'dayjs';
import relativeTime from 'dayjs/plugin/relativeTime.js';
import customParse from 'dayjs/plugin/customParseFormat.js';
import utc from 'dayjs/plugin/utc.js';
import Handlebars from 'handlebars';
import _ from 'lodash';
import { marked } from 'marked';
import sanitizeHtml from 'sanitize-html';

dayjs.extend(relativeTime);
dayjs.extend(customParse);
dayjs.extend(utc);

const medicine = z.object({
  code: z.string().regex(/^M\d+$/),
  dose: z.number().positive(),
  unit: z.enum(['mg', 'ml']),
  perDay: z.number().int().min(1).max(6),
  until: z.string().date(),
});

const patient = z.object({
  id: z.string(),
  name: z.string().min(2),
  born: z.string().date(),
  admitted: z.string().datetime(),
  discharge: z.string().datetime(),
  note: z.string().max(4000),
  medicines: z.array(medicine).max(30),
  contacts: z.array(z.object({ kind: z.enum(['family', 'doctor']), phone: z.string().regex(/^\+[\d ]+$/) })),
});

Handlebars.registerHelper('day', (text) => dayjs.utc(text).format('D MMMM YYYY'));
Handlebars.registerHelper('dose', (m) => `${m.dose * m.perDay} ${m.unit}`);

const letter = Handlebars.compile(`<h1>{{name}}</h1>
<p>Born {{day born}}, with us {{stay}}, until {{day discharge}}.</p>
<ul>{{#each medicines}}<li>{{code}}: {{dose this}} until {{day until}}</li>{{/each}}</ul>
<div class="note">{{{note}}}</div>
<table>{{#each contacts}}<tr><td>{{kind}}</td><td>{{phone}}</td></tr>{{/each}}</table>`);

const camel = (value) => {
  if (Array.isArray(value)) return value.map(camel);
  if (_.isPlainObject(value)) return _.mapValues(_.mapKeys(value, (_v, key) => _.camelCase(key)), camel);
  return value;
};

function stayOf({ admitted, discharge }) {
  return dayjs.utc(discharge).from(dayjs.utc(admitted), true);
}

function cleanNote(text) {
  return sanitizeHtml(marked.parse(text), { allowedTags: ['p', 'strong', 'em', 'ul', 'li', 'a'] });
}

export function letterFor(row) {
  const data = patient.parse(camel(_.cloneDeep(row)));
  const medicines = _.orderBy(data.medicines, ['perDay', 'code'], ['desc', 'asc']);
  const html = letter({ ...data, medicines, stay: stayOf(data), note: cleanNote(data.note) });
  return { ..._.pick(data, ['id', 'name']), due: dayjs.utc(data.discharge, 'YYYY-MM-DDTHH:mm:ss[Z]').add(2, 'day').format('YYYY-MM-DD'), html };
}

export function wardLetters(rows) {
  return _.chain(rows).map(letterFor).sortBy(['due', 'name']).value();
}
