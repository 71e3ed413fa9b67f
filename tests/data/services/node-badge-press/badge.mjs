const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

export default async function badge({ name }) {
  const answer = await fetch(`${upstream}/photo/${name}`);
  const photo = await answer.text();
  return `${name}:${photo.length}`;
}
