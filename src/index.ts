// The public names of Vitrine, one by one.
// Programs that use an older library of types need those of Symbol.dispose too.
/// <reference lib="esnext.disposable" preserve="true" />
export {
  AutoConfig,
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForMultipleChoice,
  AutoModelForNextSentencePrediction,
  AutoModelForPreTraining,
  AutoModelForQuestionAnswering,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
} from '../models/auto.ts'
export { BertConfig, type BertInputs, BertModel } from '../models/bert.ts'
export {
  type BertChoiceInputs,
  BertForMultipleChoice,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertLabelledInputs,
  type BertSpanInputs,
} from '../models/bertHeads.ts'
export {
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertLMHeadModel,
  type BertLMInputs,
  type BertNextSentenceInputs,
  type BertPreTrainingInputs,
} from '../models/bertLanguage.ts'
export type { Prompts } from '../models/causalLM.ts'
export type { CheckpointOptions, LoadingInfo } from '../models/checkpointOptions.ts'
export type { ChoiceInputs } from '../models/choices.ts'
export type { PretrainedConfig, ProblemType } from '../models/config.ts'
export type { ConfigJson } from '../models/configReader.ts'
export type { ModelDType } from '../models/dtype.ts'
export type { ForwardOptions } from '../models/forwardOptions.ts'
export type { GenerateBeamDecoderOnlyOutput, GenerateDecoderOnlyOutput } from '../models/generationOutput.ts'
export type { GenerateInputs } from '../models/generationPrompt.ts'
export { GPT2Config, type GPT2Inputs, GPT2Model } from '../models/gpt2.ts'
export {
  type CausalLMInputs,
  type GPT2DoubleHeadsInputs,
  GPT2DoubleHeadsModel,
  GPT2ForQuestionAnswering,
  GPT2ForSequenceClassification,
  GPT2ForTokenClassification,
  type GPT2LabelledInputs,
  GPT2LMHeadModel,
  type GPT2SpanInputs,
} from '../models/gpt2Heads.ts'
export type { ChoicesLike, EmbedsLike, IdsLike, NumbersLike } from '../models/inputs.ts'
export type { FromConfigOptions, FromPretrainedOptions } from '../models/loadingOptions.ts'
export type { LabelsLike } from '../models/losses.ts'
export type { HeadMaskLike, MaskLike } from '../models/mask.ts'
export type * from '../models/outputs.ts'
export { ModelOutput } from '../models/outputs.ts'
export { PreTrainedModel } from '../models/pretrained.ts'
export type { ResizeOptions } from '../models/resizing.ts'
export type { SavePretrainedOptions } from '../models/saving.ts'
export type { Backend, BackendFacts, BackendName, RandomOptions, TensorOptions, TensorValues } from './backend.ts'
export { type OpenOptions, openBackend } from './backends/index.ts'
export { fromTfjs, toTfjs } from './backends/tfjs/exchange.ts'
export { loadTfjs } from './backends/tfjs/load.ts'
export type { TfjsNode, TfjsTensor } from './backends/tfjs/tfjsNode.ts'
export { type ConvertOptions, convertWeights } from './checkpoint/convertWeights.ts'
export { openSafetensors } from './checkpoint/safetensors.ts'
export { encodeSafetensors, writeSafetensors } from './checkpoint/safetensorsWriter.ts'
export type { DType, WeightDType } from './dtype.ts'
export {
  ConfigError,
  FileError,
  HubError,
  InputError,
  LoadError,
  RemoteError,
  ShapeError,
  VitrineError,
} from './errors.ts'
export { GenerationConfig, type GenerationValues } from './generation/config.ts'
export type { Constraint, ConstraintProgress } from './generation/constraints/constraint.ts'
export { DisjunctiveConstraint } from './generation/constraints/disjunctive.ts'
export { PhrasalConstraint } from './generation/constraints/phrasal.ts'
export type { GenerationMode } from './generation/mode.ts'
export type { CausalModel, StepCache, StepInput, StepOutput } from './generation/model.ts'
export type { GenerationOptions } from './generation/options.ts'
export type { GenerationStep } from './generation/outputs.ts'
export type { GenerationParameters } from './generation/parameters.ts'
export { EpsilonLogitsWarper, EtaLogitsWarper } from './generation/processors/cutoff.ts'
export { ExponentialDecayLengthPenalty } from './generation/processors/exponentialDecay.ts'
export { ForcedBOSTokenLogitsProcessor, ForcedEOSTokenLogitsProcessor } from './generation/processors/forcedTokens.ts'
export { UnbatchedClassifierFreeGuidanceLogitsProcessor } from './generation/processors/guidance.ts'
export { HammingDiversityLogitsProcessor } from './generation/processors/hammingDiversity.ts'
export { InfNanRemoveLogitsProcessor } from './generation/processors/infNanRemove.ts'
export { LogitsProcessorList } from './generation/processors/list.ts'
export { MinLengthLogitsProcessor, MinNewTokensLengthLogitsProcessor } from './generation/processors/minLength.ts'
export { MinPLogitsWarper } from './generation/processors/minP.ts'
export {
  EncoderNoRepeatNGramLogitsProcessor,
  NoRepeatNGramLogitsProcessor,
} from './generation/processors/noRepeatNGram.ts'
export { LogitNormalization } from './generation/processors/normalization.ts'
export {
  type PrefixAllowedTokens,
  PrefixConstrainedLogitsProcessor,
} from './generation/processors/prefixConstrained.ts'
export {
  LogitsProcessor,
  type LogitsProcessorLike,
  type ProcessorInput,
  type ReturnedScores,
} from './generation/processors/processor.ts'
export {
  EncoderRepetitionPenaltyLogitsProcessor,
  RepetitionPenaltyLogitsProcessor,
} from './generation/processors/repetitionPenalty.ts'
export {
  NoBadWordsLogitsProcessor,
  type SequenceBias,
  SequenceBiasLogitsProcessor,
} from './generation/processors/sequenceBias.ts'
export {
  SuppressTokensAtBeginLogitsProcessor,
  SuppressTokensLogitsProcessor,
} from './generation/processors/suppressTokens.ts'
export { TemperatureLogitsWarper } from './generation/processors/temperature.ts'
export { TopHLogitsWarper } from './generation/processors/topH.ts'
export { TopKLogitsWarper } from './generation/processors/topK.ts'
export { TopPLogitsWarper } from './generation/processors/topP.ts'
export { TypicalLogitsWarper } from './generation/processors/typical.ts'
export { LogitsWarper, type WarperOptions } from './generation/processors/warper.ts'
export {
  StoppingCriteria,
  type StoppingCriterion,
  type StoppingCriterionLike,
  type StoppingInput,
} from './generation/stopping/criterion.ts'
export { EosTokenCriteria } from './generation/stopping/eosToken.ts'
export { InterruptableStoppingCriteria } from './generation/stopping/interruptable.ts'
export { StoppingCriteriaList } from './generation/stopping/list.ts'
export { MaxLengthCriteria } from './generation/stopping/maxLength.ts'
export { MaxTimeCriteria } from './generation/stopping/maxTime.ts'
export { StopStringCriteria } from './generation/stopping/stopString.ts'
export { BaseStreamer, type Streamer } from './generation/streamers/streamer.ts'
export { TextIteratorStreamer, type TextIteratorStreamerOptions } from './generation/streamers/textIteratorStreamer.ts'
export { TextStreamer, type TextStreamerOptions } from './generation/streamers/textStreamer.ts'
export type { HubOptions } from './hub/options.ts'
export { type Profile, type ProfileOptions, profile } from './inspect/profile.ts'
export type { ProfileRow } from './inspect/profileRow.ts'
export type { Limit, Roofline, RooflineOption } from './inspect/roofline.ts'
export * from './nn/activation.ts'
export {
  AccurateGELUActivation,
  Activation,
  activation,
  activationNames,
  ClippedGELUActivation,
  FastGELUActivation,
  GELUActivation,
  GELUTanh,
  LaplaceActivation,
  LeakyReLU,
  LinearActivation,
  MishActivation,
  NewGELUActivation,
  PReLU,
  QuickGELUActivation,
  ReLU,
  ReLU6,
  ReLUSquaredActivation,
  Sigmoid,
  SiLU,
  SiLUActivation,
  Tanh,
} from './nn/activation.ts'
export { DynamicCache, LayerCache, type LegacyCache } from './nn/cache.ts'
export { Dropout } from './nn/dropout.ts'
export { Embedding } from './nn/embedding.ts'
export { Identity } from './nn/identity.ts'
export { LayerNorm } from './nn/layerNorm.ts'
export { Conv1D, Linear } from './nn/linear.ts'
export {
  type CallWatch,
  type ForwardHook,
  type ForwardPreHook,
  type HookHandle,
  Module,
  type TapHook,
} from './nn/module.ts'
export { ModuleList } from './nn/moduleList.ts'
export { Parameter } from './nn/parameter.ts'
export { type PrintOptions, type PrintProfileName, print } from './nn/print.ts'
export type { AggregationStrategy, EntityGroup, TokenEntity } from './pipelines/entities.ts'
export { type FeatureExtractionOptions, FeatureExtractionPipeline } from './pipelines/featureExtraction.ts'
export { type FilledMask, type FillMaskOptions, FillMaskPipeline, type FillMaskResult } from './pipelines/fillMask.ts'
export type { LoadingOptions } from './pipelines/loading.ts'
export type { NoOptions } from './pipelines/optionTypes.ts'
export { type PipelineOf, type PipelineOptions, type Pipelines, pipeline, type Task } from './pipelines/pipeline.ts'
export {
  type Answer,
  type QuestionAnsweringOptions,
  QuestionAnsweringPipeline,
  type QuestionContext,
  type QuestionsContexts,
} from './pipelines/questionAnswering.ts'
export {
  type Classification,
  type TextClassificationOptions,
  TextClassificationPipeline,
  type TextOrPair,
} from './pipelines/textClassification.ts'
export {
  type GeneratedText,
  type GeneratedTokens,
  type TextGenerationOptions,
  TextGenerationPipeline,
} from './pipelines/textGeneration.ts'
export {
  type TokenClassificationOptions,
  TokenClassificationPipeline as NerPipeline,
  TokenClassificationPipeline,
} from './pipelines/tokenClassification.ts'
export type { PipelineTokenizer } from './pipelines/tokenizer.ts'
export {
  ZeroShotClassificationPipeline,
  type ZeroShotOptions,
  type ZeroShotResult,
} from './pipelines/zeroShotClassification.ts'
export type { ProgressCallback, ProgressInfo } from './progress.ts'
export { default_generator, manual_seed, set_seed } from './random/default.ts'
export { Generator, type GeneratorOptions, type MultinomialOptions } from './random/generator.ts'
export type { RemoteOptions } from './remote/options.ts'
export { remote } from './remote/remote.ts'
export type { CompletionChoice } from './serve/engine/completionAnswer.ts'
export type { CompletionUsage } from './serve/engine/completionJob.ts'
export type { TextGenerationStreamOutput } from './serve/engine/generationJob.ts'
export type { LoadedFacts, ModelPlace } from './serve/engine/messages.ts'
export type { RequestEntry, ServeOptions } from './serve/options.ts'
export { type RunningServer, serve } from './serve/server.ts'
export type { AttendOptions } from './tensor/attention.ts'
export type { NestedArray } from './tensor/data.ts'
export type { Ordered } from './tensor/order.ts'
export type { Dims, ReduceOptions, VarianceOptions } from './tensor/reduce.ts'
export { concat, stack, Tensor } from './tensor/tensor.ts'
export { AddedToken, type AddedTokenFlags } from './tokenizers/added/addedTokens.ts'
export { AutoTokenizer, type AutoTokenizerOptions } from './tokenizers/auto.ts'
export { PreTrainedTokenizer } from './tokenizers/base.ts'
export { BertTokenizer, BertTokenizerFast } from './tokenizers/bert.ts'
export type { BatchEncoding } from './tokenizers/call/batchEncoding.ts'
export type { EncodeOptions } from './tokenizers/call/callOptions.ts'
export type { Encoding, Span } from './tokenizers/call/encoding.ts'
export type { PadOptions } from './tokenizers/call/padding.ts'
export type { DecodeOptions } from './tokenizers/decode.ts'
export type { SaveOptions } from './tokenizers/files/save.ts'
export type { TokenizerFiles } from './tokenizers/files/tokenizerFiles.ts'
export { GPT2Tokenizer, GPT2TokenizerFast } from './tokenizers/gpt2.ts'
export type { IdRow } from './tokenizers/idRows.ts'
export type { BertTokenizerOptions, GPT2TokenizerOptions, TokenizerOptions } from './tokenizers/options.ts'
export type { SpecialMaskOptions } from './tokenizers/specialMask.ts'
export type { TrainOptions, TrainText } from './tokenizers/train.ts'
