import { Pool } from 'undici';
import { concatMap, filter, from, lastValueFrom, map, reduce, retry } from 'rxjs';

const meteo = new Pool(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, { connections: 64 });

async function forecast(site, hours) {
  const { statusCode, body } = await meteo.request({ method: 'GET', path: `/forecast/${site.id}?hours=${hours}` });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`forecast ${site.id}: ${statusCode}`);
  }
  return body.json();
}

function windPower(speed, peak) {
  if (speed < 3 || speed > 25) return 0;
  return speed >= 12 ? peak : peak * ((speed - 3) / 9) ** 3;
}

function siteOutput(site, hourly) {
  return hourly.map(({ wind, sun }) => (site.kind === 'wind' ? windPower(wind, site.peak) : site.peak * sun * 0.82));
}

const add = (total, output) => output.map((megawatts, hour) => (total[hour] ?? 0) + megawatts);

export function regionOutlook(sites, hours) {
  const outlook$ = from(sites).pipe(
    filter((site) => !site.offline),
    concatMap((site) => from(forecast(site, hours)).pipe(
      map(({ hourly }) => ({ site, output: siteOutput(site, hourly) })),
    )),
    retry(1),
    reduce(
      (all, { site, output }) => ({
        total: add(all.total, output),
        sites: [...all.sites, { id: site.id, kind: site.kind, peakHour: output.indexOf(Math.max(...output)) }],
      }),
      { total: [], sites: [] },
    ),
  );
  return lastValueFrom(outlook$);
}
