import {execFileSync} from 'node:child_process';
import {closeSync, constants, mkdtempSync, openSync, readSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {createTerminalOutput} from '../../src/app/screen/terminal-output.ts';
import {waitFor} from '../helpers/servers/wait.ts';

/** An output to a pipe, which is full when nobody reads it, as a terminal is. */
function pipe() {
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-output-'));
  const path = join(dir, 'terminal');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const seen = {drains: 0, errors: [] as unknown[]};
  const output = createTerminalOutput({
    fd,
    onDrain: () => void seen.drains++,
    onError: error => void seen.errors.push(error),
  });
  const buffer = Buffer.alloc(1 << 20);
  return {
    output,
    seen,
    read: () => buffer.toString('utf8', 0, readSync(reader, buffer)),
    hangUp: () => closeSync(reader),
    end: () => rmSync(dir, {recursive: true}),
  };
}

describe('the output to a terminal', () => {
  it('keeps what a full terminal does not take, in order, and says when it has', async () => {
    const {output, seen, read, hangUp, end} = pipe();
    const [big, last] = ['x'.repeat(200_000), '漢字 last'];
    output.write('first ');
    expect(output.busy()).toBe(false);
    output.write(big);
    output.write(last);
    expect([output.busy(), seen.drains]).toEqual([true, 0]);
    let got = '';
    await waitFor('everything to arrive', () => {
      if (output.busy() || got.length < big.length) got += read();
      return !output.busy();
    });
    expect(got === `first ${big}${last}`).toBe(true);
    expect(seen).toEqual({drains: 1, errors: []});
    output.close();
    hangUp();
    end();
  });

  it('waits for a terminal that takes nothing as long as it is told, and not for one that is gone', async () => {
    const {output, seen, hangUp, end} = pipe();
    output.write('x'.repeat(200_000));
    await output.drained(20);
    expect(output.busy()).toBe(true);
    const drained = output.drained(600_000);
    hangUp();
    await drained;
    expect(seen.errors).toMatchObject([{code: 'EPIPE'}]);
    output.write('nobody reads this');
    expect([output.busy(), seen.drains]).toEqual([false, 0]);
    output.close();
    end();
  });
});
