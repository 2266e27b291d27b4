import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {isVerifierOf, scramVerifier} from '../../src/core/scram.ts';

describe('a SCRAM-SHA-256 verifier', () => {
  it('is that of the RFC’s example', () => {
    // RFC 7677, section 3: user "user", password "pencil". StoredKey and ServerKey follow from its salt and count.
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('is recognised with its password, and with no other', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1}), fc.string({minLength: 1}), (password, other) => {
        const verifier = scramVerifier(password, undefined, 2);
        expect(isVerifierOf(verifier, password)).toBe(true);
        if (other.normalize('NFKC') !== password.normalize('NFKC')) {
          expect(isVerifierOf(verifier, `${other}-`)).toBe(
            `${other}-`.normalize('NFKC') === password.normalize('NFKC'),
          );
        }
      }),
      {numRuns: 50},
    );
  });

  it('differs each time by its salt', () => {
    expect(scramVerifier('same')).not.toBe(scramVerifier('same'));
  });

  it.each(['', 'md5abc', 'plain text', 'SCRAM-SHA-256$x:y$z:w', 'SCRAM-SHA-256$99999999:c2FsdA==$a:b'])(
    'is nobody’s when it is %j',
    verifier => {
      expect(isVerifierOf(verifier, 'x')).toBe(false);
    },
  );
});
