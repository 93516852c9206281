/** Texts of the audit screen. */
export const enAudit = {
  audit: {
    lead: 'Every decision and every action, in a log that shows when it was tampered with. It holds no content.',
    readOnly: 'The audit log cannot be written. Nothing that must be recorded is done until it can.',
    verify: 'Verify',
    verified: (records: number, dropped: number) =>
      dropped === 0
        ? `${records} records fit the signed checkpoint.`
        : `${records} records fit the signed checkpoint, and so do the hashes of the ${dropped} that were dropped.`,
    verdicts: {
      ok: 'Whole.',
      'bad-signature': 'A signature does not fit.',
      'broken-chain': 'The chain is broken.',
      'missing-records': 'Records are missing.',
      'untrusted-key': 'The key is not the one that is trusted.',
      unreadable: 'The log cannot be read.',
    },
    firstBad: (seq: number) => `First bad record: ${seq}.`,
    export: 'Export',
    exportMeans:
      'Writes the whole log, its checkpoint and its public key to one file on the host, which verifies offline.',
    exportPart:
      'Writes the records that you choose, and of all others the hash: the file proves as much as the whole log.',
    exported: (n: number) => (n === 1 ? '1 record was written.' : `${n} records were written.`),
    file: 'File on the host',
    fileExample: '/home/you/signalbox-audit.txt',
    checkpoint: 'Checkpoint',
    checkpointMeans:
      'Keep this text somewhere else. With it, an export shows that nothing before it was rewritten since.',
    key: 'Public key',
    keyMeans: 'The public key of this log. With it, an export shows that this host wrote it.',
    everything: 'Everything',
    families: {
      approval: 'Approvals',
      grant: 'Grants',
      policy: 'Policy',
      command: 'Commands',
      bridge: 'Bridge',
      fs: 'Files',
      process: 'Processes',
      task: 'Tasks',
      session: 'Sessions',
      agent: 'Agents',
      device: 'Devices',
      passkey: 'Passkeys',
      keys: 'Keys of the host',
      token: 'Tokens',
      secret: 'Secrets',
      tunnel: 'Tunnels',
      workspace: 'Folders',
      host: 'Starts and stops',
      alert: 'Alerts',
      audit: 'The log itself',
    },
    actorExample: 'device:',
    folder: 'Folder',
    everyFolder: 'All folders',
    from: 'From',
    to: 'To',
    clear: 'Clear',
    kept: 'What is kept',
    keptWhole: 'Every record since the first is kept whole.',
    oldest: (seq: number) => `Records before ${seq} were dropped; their hashes are kept.`,
    prune: 'Drop old records',
    pruneTitle: 'Drop old records?',
    pruneMeans:
      'What old records say is gone for good. Their hashes stay, so the rest still verifies. Export first what you may need.',
    keepDays: 'Days to keep',
    keepDaysRange: 'Whole days, from 1 to 36500.',
    keepDaysWrong: 'This is not a whole number from 1 to 36500.',
    pruneDays: (n: number) => (n === 1 ? 'Drop all older than a day' : `Drop all older than ${n} days`),
    pruned: (n: number) =>
      n === 0
        ? 'No record is old enough: nothing was dropped.'
        : n === 1
          ? '1 record was dropped.'
          : `${n} records were dropped.`,
    search: 'Search records',
    empty: 'Nothing was recorded yet.',
    noMatch: 'No record fits.',
    shown: (n: number, total: number) => `${n} of ${total}`,
    newer: 'Newer',
    older: 'Older',
    seq: 'No.',
    at: 'At',
    actor: 'Who',
    type: 'What',
    object: 'On what',
    facts: 'Facts',
  },
};
