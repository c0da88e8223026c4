// Serves the part of ClickHouse's HTTP interface that the tests need over chdb, which is ClickHouse's engine as a library.
//   node server.js CHDB DATA PASSWORD
// CHDB: directory of the npm package. DATA: the data directory. PASSWORD: of the user "default"; may be empty.
// Writes its port to standard output as soon as it accepts requests, and ends with its standard input, so that it never outlives
// whoever started it.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const [chdb, data, password] = process.argv.slice(2);
const { Session } = require(chdb);

const AUTHENTICATION_FAILED = 516;
const session = new Session(data);

function refuse(response, status, code, message) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', 'X-ClickHouse-Exception-Code': String(code) });
  response.end(message + '\n');
}

function answer(request, response, sql) {
  const format = new URL(request.url, 'http://localhost').searchParams.get('default_format') || 'TabSeparated';
  const login = Buffer.from((request.headers.authorization || '').replace(/^Basic /, ''), 'base64').toString('utf8');
  if (login !== `default:${password}`) {
    refuse(response, 403, AUTHENTICATION_FAILED,
      `Code: ${AUTHENTICATION_FAILED}. DB::Exception: Authentication failed`);
    return;
  }
  try {
    if (format === 'TabSeparated' && /^SELECT /.test(sql)) {
      stream(response, sql, format);
      return;
    }
    const result = session.query(sql, format);
    response.writeHead(200, { 'Content-Type': 'text/tab-separated-values; charset=UTF-8' });
    response.end(result);
  } catch (failure) {
    const message = String(failure.message).replace(/^Query failed: /, '');
    const code = /Code: (\d+)/.exec(message);
    refuse(response, 500, code ? code[1] : 0, message);
  }
}

// An answer may be longer than a string of Node can be.
function stream(response, sql, format) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'chdb-')), 'answer');
  const remove = () => fs.rmSync(path.dirname(file), { recursive: true, force: true });
  try {
    session.query(`${sql} INTO OUTFILE '${file}' FORMAT ${format}`, format);
  } catch (failure) {
    remove();
    throw failure;
  }
  response.writeHead(200, { 'Content-Type': 'text/tab-separated-values; charset=UTF-8' });
  fs.createReadStream(file).on('close', remove).pipe(response);
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
