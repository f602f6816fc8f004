import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { bundled } from "../../helpers/fs-crash.js";

const execute = promisify(execFile);

/** Runs a command where a disk of `size` is mounted at `at`, which only the command sees; needs user namespaces. */
async function onDisk(size: string, at: string, ...command: readonly string[]): Promise<string> {
  const script = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`;
  return (await execute("unshare", ["--map-root-user", "--mount", "sh", "-c", script, at, ...command])).stdout;
}

interface Report {
  readonly full: Record<string, unknown> & { readonly kept: number };
  readonly room: Record<string, unknown>;
  readonly readOnly: Record<string, unknown>;
}

describe("fs store on a small disk", function () {
  this.timeout(30_000);
  let folder: string;
  let report: Report;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), "carekey-disk-"));
    const disk = join(folder, "disk");
    await mkdir(disk);
    const mounts = await onDisk("1m", disk, "true").then(
      () => true,
      () => false,
    );
    // pending where a system lets nobody mount
    if (!mounts) this.skip();
    const program = await bundled("fs-small-disk.ts", folder);
    report = JSON.parse(await onDisk("8m", disk, process.execPath, program, disk)) as Report;
  });
  after(() => rm(folder, { recursive: true }));

  it("says that the disk is full, keeps what it acknowledged, and leaves no temporary file", () => {
    const { kept, ...rest } = report.full;
    expect(kept).to.be.within(8, 11);
    const full = "DISK_FULL ENOSPC";
    expect(rest).to.deep.equal({ filling: full, batch: full, intact: ["done"], left: [] });
  });

  it("goes on once there is room", () => {
    expect(report.room).to.deep.equal({ batch: "done", intact: ["done"] });
  });

  it("reads from a file system that is read-only, and says why it writes nothing", () => {
    const refused = "STORE_FAILED EROFS";
    expect(report.readOnly).to.deep.equal({
      ...{ open: "done", intact: ["done"] },
      elsewhere: "STORE_FAILED",
      ...{ put: refused, pin: refused, delete: refused },
    });
  });
});
