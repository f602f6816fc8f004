import type { Coding } from "fhir/r4.js";
import type { DicomSummary } from "./dicom.js";

/** A kind of study: its LOINC code, and words for readers who have no LOINC at hand. */
export interface Study {
  readonly code: string;
  readonly text: string;
}

/** LOINC's generic imaging study; also what stands for several different ones. */
export const imagingStudy: Study = { code: "18748-4", text: "Diagnostic imaging study" };

const studies = {
  ecg: { code: "11524-6", text: "ECG study" },
  eeg: { code: "11523-8", text: "EEG study" },
  chestXray: { code: "30745-4", text: "Chest X-ray study" },
  brainMr: { code: "24590-2", text: "Brain MR study" },
} as const;

/** Modalities that make images (PS3.16 CID 29), with their meanings in PS3.16 annex D. */
const imaging = new Map([
  ["BI", "Biomagnetic imaging"],
  ["BMD", "Bone Mineral Densitometry"],
  ["CR", "Computed Radiography"],
  ["CT", "Computed Tomography"],
  ["DX", "Digital Radiography"],
  ["ES", "Endoscopy"],
  ["GM", "General Microscopy"],
  ["IO", "Intra-oral Radiography"],
  ["IVOCT", "Intravascular Optical Coherence Tomography"],
  ["IVUS", "Intravascular Ultrasound"],
  ["MG", "Mammography"],
  ["MR", "Magnetic resonance"],
  ["NM", "Nuclear Medicine"],
  ["OCT", "Optical Coherence Tomography"],
  ["OP", "Ophthalmic photography"],
  ["OPT", "Ophthalmic Tomography"],
  ["PT", "Positron emission tomography"],
  ["PX", "Panoramic X-Ray"],
  ["RF", "Radiofluoroscopy"],
  ["RG", "Radiographic imaging"],
  ["SM", "Slide Microscopy"],
  ["TG", "Thermography"],
  ["US", "Ultrasound"],
  ["XA", "X-Ray Angiography"],
  ["XC", "External-camera Photography"],
]);

/** Other modalities that records are made of. */
const others = new Map([
  ["AU", "Audio"],
  ["ECG", "Electrocardiography"],
  ["EEG", "Electroencephalography"],
  ["EMG", "Electromyography"],
  ["EOG", "Electrooculography"],
  ["EPS", "Cardiac Electrophysiology"],
  ["HD", "Hemodynamic Waveform"],
  ["KO", "Key Object Selection"],
  ["RESP", "Respiratory Waveform"],
  ["RTDOSE", "Radiotherapy Dose"],
  ["RTIMAGE", "Radiotherapy Image"],
  ["RTPLAN", "Radiotherapy Plan"],
  ["RTSTRUCT", "Radiotherapy Structure Set"],
  ["SEG", "Segmentation"],
  ["SR", "Structured Report Document"],
]);

/** The kind of study where DICOM leaves no doubt, the generic one for other images, else nothing. */
export function studyOf({ modality, bodyPart }: DicomSummary): Study | undefined {
  if (modality === "ECG") return studies.ecg;
  if (modality === "EEG") return studies.eeg;
  if ((modality === "CR" || modality === "DX") && bodyPart === "CHEST") return studies.chestXray;
  if (modality === "MR" && bodyPart === "BRAIN") return studies.brainMr;
  return imaging.has(modality) ? imagingStudy : undefined;
}

/** True for the kinds of study that {@link imagingStudy} covers. */
export function isImaging(study: Study): boolean {
  return study !== studies.ecg && study !== studies.eeg;
}

/** The modality as a DICOM code, or nothing for one that DICOM does not define: a file may claim anything. */
export function modalityCoding(modality: string): Coding | undefined {
  const display = imaging.get(modality) ?? others.get(modality);
  return display === undefined
    ? undefined
    : { system: "http://dicom.nema.org/resources/ontology/DCM", code: modality, display };
}

/**
 * The document format of a DICOM file as IHE codes it: its SOP class in the DICOM UID registry (IHE RAD TF-2 §4.68.4.1.2.3.2).
 * Nothing for classes that a manufacturer defined.
 */
export function formatCoding(sopClassUid: string): Coding | undefined {
  const registered = sopClassUid.startsWith("1.2.840.10008.");
  return registered ? { system: "urn:oid:1.2.840.10008.2.6.1", code: sopClassUid } : undefined;
}
