import { createCipheriv, createHash, createSign, generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto';

const issuer = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

export const issuerKey = issuer.publicKey.export({ type: 'spki', format: 'pem' });

export function fingerprint(pem) {
  return createHash('sha256').update(pem).digest('hex').slice(0, 40).replace(/(..)(?=.)/g, '$1:');
}

function signed(claims) {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${createSign('sha256').update(body).sign(issuer.privateKey, 'base64url')}`;
}

// the installer types the PIN into the lock, which unwraps its key with it
function wrapped(privateKey, pin) {
  const salt = randomBytes(16);
  const key = scryptSync(pin, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(privateKey), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), sealed]).toString('base64');
}

export function issueIdentity(serial, site, pin, days) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const expires = new Date(Date.now() + days * 86_400_000).toISOString();
  return {
    wrappedKey: wrapped(privateKey, pin),
    fingerprint: fingerprint(publicKey),
    expires,
    certificate: signed({ serial, site, expires, key: publicKey }),
  };
}
