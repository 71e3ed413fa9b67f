const ROOM = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

export async function confirmWeight(slip, { grams, pieces }) {
  const response = await fetch(`${ROOM}/confirmations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ slip, grams, pieces }),
  });
  if (!response.ok) throw new Error(`weighing room: ${response.status}`);
  return response.json();
}
