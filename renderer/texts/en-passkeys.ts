/** Texts of the card of passkeys on the devices screen. */
export const enPasskeys = {
  passkeys: {
    title: 'Passkeys',
    lead: 'A passkey shows that you are there. What is dangerous asks for it, once you have one.',
    empty: 'No passkey yet. Add one, and dangerous approvals ask for your finger, face or PIN.',
    name: 'Name',
    nameNew: 'Name of the new passkey',
    nameExample: 'This laptop',
    madeFor: 'Made for',
    added: 'Added',
    lastUsed: 'Last used',
    never: 'never',
    backedUp: '(kept by its provider, too)',
    add: 'Add a passkey',
    addedNow: 'The passkey was added.',
    remove: 'Remove',
    removed: 'The passkey was removed.',
    removeTitle: 'Remove this passkey?',
    removeMeans: 'It opens nothing here any more. You prove that you are there once more before it goes.',
    notHere: 'A passkey cannot be used on this page:',
    open: 'Show the address that works',
    address: 'Address for your browser',
    recovery: 'Make a recovery code',
    recoveryMeans:
      'Shown once. It removes every passkey, so that you can add a new one: signalbox passkeys recover. Keep it where no program reads it.',
  },
};
