// Pick lists: what to take where, and whether a trolley bears it.
const TROLLEY_KG = 120;

const weightOf = (props) => props.reduce((sum, prop) => sum + Number(prop.weight_kg), 0);

function lineOf({ place, trail }, props) {
  const kg = weightOf(props);
  return {
    at: trail.join(' / '),
    kind: place.kind,
    overloaded: place.max_kg !== null && kg > Number(place.max_kg),
    kg: Number(kg.toFixed(2)),
    props: props.map(({ id, name, fragile, reserved }) => ({ id, name, take: reserved, handling: fragile ? 'wrap' : 'as is' })),
  };
}

function trolleys(lines) {
  const loads = [];
  for (const line of lines) {
    const last = loads.at(-1);
    if (last && last.kg + line.kg <= TROLLEY_KG) {
      last.kg += line.kg;
      last.stops += 1;
    } else {
      loads.push({ kg: line.kg, stops: 1 });
    }
  }
  return loads.map(({ kg, stops }) => ({ kg: Math.round(kg), stops }));
}

export async function pickList(stock, place, production) {
  const lines = [];
  for await (const stop of stock.walk(place)) {
    const props = await stock.propsAt(stop.place.id, production.id);
    if (props.length > 0) lines.push(lineOf(stop, props));
  }
  return { production: production.title, opens: production.opens_on, trolleys: trolleys(lines), lines };
}
