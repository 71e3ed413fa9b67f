import { createHash } from 'node:crypto';
import { request, Agent } from 'node:http';

const agent = new Agent({ keepAlive: true });
const base = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

function routingCode(postcode) {
  return new Promise((resolve, reject) => {
    const req = request(`${base}/routing/${postcode}`, { agent }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => { text += chunk; });
      res.on('end', () => resolve(JSON.parse(text)));
    });
    req.on('error', reject);
    req.end();
  });
}

function zpl(shipment, routing) {
  const lines = ['^XA', '^CF0,40'];
  lines.push(`^FO40,40^FD${shipment.to.name}^FS`);
  lines.push(`^FO40,90^FD${shipment.to.street}^FS`);
  lines.push(`^FO40,140^FD${shipment.to.postcode} ${shipment.to.town}^FS`);
  lines.push(`^FO40,240^FD${routing.depot}/${routing.belt}^FS`);
  lines.push(`^FO40,320^BCN,120,Y,N,N^FD${shipment.barcode}^FS`);
  lines.push('^XZ');
  return lines.join('\n');
}

export default async function renderLabel({ shipment, copies }) {
  const routing = await routingCode(shipment.to.postcode);
  const label = zpl(shipment, routing);
  return {
    shipment: shipment.id,
    depot: routing.depot,
    checksum: createHash('sha1').update(label).digest('hex'),
    pages: Array.from({ length: copies }, () => label),
  };
}
