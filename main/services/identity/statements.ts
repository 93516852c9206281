import { createPublicKey, verify } from 'node:crypto';
import { approvalBytes, type ApprovalStatement } from '../../../contract/action.ts';

const P256_SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** Whether a device's key signed this answer. */
export function isSignedBy(approvalKey: string, statement: ApprovalStatement, signature: string): boolean {
  return areSignedBy(approvalKey, approvalBytes(statement), signature);
}

/**
 * Whether a device's P-256 key signed these bytes (ECDSA with SHA-256, raw r‖s as WebCrypto and IEEE P1363 have it).
 * @param approvalKey base64url of the public key, SPKI or raw point
 */
export function areSignedBy(approvalKey: string, bytes: Uint8Array, signature: string): boolean {
  try {
    const raw = Buffer.from(approvalKey, 'base64url');
    const spki = raw.length === 65 ? Buffer.concat([P256_SPKI_PREFIX, raw]) : raw;
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
