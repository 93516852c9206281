import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { openPhone, type Album, type Visitor } from '../support/browser.ts';

const SCAN_MS = 30_000;

/** What a person does with the companion, on the web app that the host serves. */
export interface Phone extends Visitor {
  /** From the first screen to the six digits, by the camera. */
  scan(companion: string): Promise<string>;
  /** From a link that was opened, as from a message, to the six digits. */
  openLink(link: string): Promise<string>;
  /** Says that the codes match; resolves when the host has admitted it, with the inbox open. */
  finishPairing(album: Album): Promise<void>;
  tab(name: 'Inbox' | 'Agents' | 'New task' | 'Host'): Promise<void>;
  submitTask(text: string, agent: string, album: Album): Promise<void>;
  /** Opens the one approval of the inbox whose title has these words. */
  openApproval(words: string): Promise<void>;
  /** Holds a finger on "Approve" until the answer is given, as a high risk asks for. */
  holdApprove(): Promise<void>;
  /** Opens the task with these words and waits until it is in this state. */
  openTask(words: string, state: string): Promise<void>;
}

/** A phone with a camera that films the video. */
export async function startPhone(video: string): Promise<Phone> {
  const visitor = await openPhone(video);
  const { page } = visitor;
  const button = (name: string | RegExp) => page.getByRole('button', { name });

  async function code(): Promise<string> {
    const shown = page.getByTestId('check-code');
    await shown.waitFor({ timeout: SCAN_MS });
    const digits = (await shown.innerText()).replaceAll(/\s/g, '');
    expect(digits).toMatch(/^\d{6}$/);
    return digits;
  }

  async function tab(name: string): Promise<void> {
    await page.getByRole('tab', { name }).tap();
    await page.getByRole('heading', { name, exact: true }).first().waitFor();
  }

  return {
    ...visitor,
    tab,
    async scan(companion) {
      await page.goto(companion);
      await button('Pair with a host').tap();
      const camera = page.getByLabel('Camera view for the pairing code');
      const allow = button('Use the camera');
      await camera.or(allow).first().waitFor();
      if (await allow.isVisible()) await allow.tap();
      return code();
    },
    async openLink(link) {
      await page.goto(link);
      await button('Pair').tap();
      return code();
    },
    async finishPairing(album) {
      await button('The codes match').tap();
      await page.getByText(/^Now approve this device on /).waitFor();
      await album.add('phone-waits', page);
      await page.getByText(/^Paired with /).waitFor();
      await album.add('phone-paired', page);
      await button('Open the inbox').tap();
      await page.getByText(/^Nothing needs you/).waitFor();
    },
    async submitTask(text, agent, album) {
      await tab('New task');
      await page.getByRole('radio', { name: agent }).tap();
      await page.getByLabel('Task', { exact: true }).fill(text);
      await album.add('phone-new-task', page);
      await button('Send task').tap();
      await page.getByText('The host has it.', { exact: true }).first().waitFor();
    },
    async openApproval(words) {
      await tab('Inbox');
      await button(new RegExp(escaped(words)))
        .first()
        .tap();
      await page.getByText('Fingerprint of this action').waitFor();
    },
    async holdApprove() {
      const place = await button('Approve').boundingBox();
      if (!place) throw new Error('there is no "Approve" to hold');
      const touch = await visitor.context.newCDPSession(page);
      const finger = { x: place.x + place.width / 2, y: place.y + place.height / 2 };
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [finger] });
      await button('Approve').waitFor({ state: 'detached' });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await touch.detach();
    },
    async openTask(words, state) {
      await tab('Agents');
      await button(new RegExp(escaped(words)))
        .first()
        .tap();
      await until(
        `the task is ${state}`,
        async () => (await page.getByText(state, { exact: true }).count()) > 0,
      );
    },
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
