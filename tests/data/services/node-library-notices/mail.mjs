import nodemailer from 'nodemailer';

const FROM = { name: 'City Library', address: 'notices@library.example' };

/** Hands letters to the city's mail host. */
export class Postbox {
  constructor({ host, port, log }) {
    this.log = log;
    this.transport = nodemailer.createTransport({
      pool: true,
      maxConnections: 2,
      maxMessages: 5000,
      host,
      port,
      secure: false,
      ignoreTLS: true,
      name: 'library.example',
      connectionTimeout: 3000,
    });
    this.sent = 0;
  }

  async send(patron, { subject, text, html }) {
    const info = await this.transport.sendMail({
      from: FROM,
      to: { name: patron.name, address: patron.email },
      subject,
      text,
      html,
      headers: { 'X-Patron': patron.id },
    });
    this.sent++;
    this.log.debug({ patron: patron.id, message: info.messageId }, 'sent');
    return { message: info.messageId, answer: info.response };
  }

  close() {
    this.transport.close();
  }
}
